"""The report of an edition and the briefs of its units, as HTML, Word and PDF."""
