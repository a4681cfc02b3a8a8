"""How far a rank can be trusted, what could change it, what would."""
