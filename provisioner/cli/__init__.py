"""The command line: a verb and a noun, a sentence for people, `--json` for machines. No rules here."""
