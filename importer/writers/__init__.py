"""What the program writes for people and other programs: the report's files and the templates."""
