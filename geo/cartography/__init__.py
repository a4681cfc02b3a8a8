"""Maps: classification, palettes, print figures and offline web pages."""
