// The slider over years: common class limits, so that colours can be compared.
let running = 0;

function years() {
  const slider = byId("year"), base = byId("base"), play = byId("play");
  const labels = () => themeOf(first).states.slice(1).map((state) => state.label);
  function stop() {
    clearInterval(running);
    running = 0;
    play.textContent = words.play;
    play.setAttribute("aria-pressed", "false");
  }
  function go(year) {
    first.year = year;
    show();
  }
  slider.addEventListener("input", () => {
    stop();
    go(Number(slider.value));
  });
  base.addEventListener("click", () => {
    stop();
    go(-1);
  });
  play.addEventListener("click", () => {
    if (running) {
      stop();
      return;
    }
    play.textContent = words.pause;
    play.setAttribute("aria-pressed", "true");
    go(0);
    running = setInterval(() => {
      if (first.year < labels().length - 1) go(first.year + 1);
      if (first.year >= labels().length - 1) stop();
    }, 1100);
  });
  return () => {
    const known = labels();
    byId("over-years").hidden = known.length < 2;
    if (known.length < 2) return;
    slider.max = known.length - 1;
    slider.value = first.year < 0 ? known.length - 1 : first.year;
    const said = first.year < 0 ? words.year_base : known[first.year];
    slider.setAttribute("aria-valuetext", said);
    slider.classList.toggle("off", first.year < 0);
    byId("year-shown").textContent = said;
    base.setAttribute("aria-pressed", String(first.year < 0));
    const marks = byId("marks");
    if (marks.childElementCount !== known.length) {
      marks.replaceChildren();
      for (const label of known) el("span", label, marks);
    }
  };
}
