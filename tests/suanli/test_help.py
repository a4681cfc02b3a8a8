"""Help says its headings, too, in the language of the interface."""

import re

import pytest

from suanli.commands import command_of
from suanli.text import LANGUAGES, Text

WORDS = {
    "en": ("Usage:", "Arguments:", "Options:", "[required]", "[default: "),
    "zh": ("用法：", "参数：", "选项：", "[必填]", "[默认："),
}


def shown(lang, *path):
    command = command_of(Text(lang))
    for word in path:
        command = command.commands[word]
    return command.get_help(
        command.context_class(command, info_name=path[-1] if path else "suanli")
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_headings(lang):
    said = " ".join(shown(lang, "unit").split())  # lines break anywhere
    assert [word for word in WORDS[lang] if word not in said] == []
    assert ("命令：" if lang == "zh" else "Commands:") in shown(lang)


@pytest.mark.parametrize("path", [("compare",), ("robustness", "target"), ("list",), ()])
def test_no_english_heading_is_left(path):
    said = shown("zh", *path)
    assert not re.search(r"Usage|Arguments|Options:|Commands|required|default", said)
