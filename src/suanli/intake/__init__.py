"""Reading and checking the tables users bring."""
