"""The HTTP face: today a trigger and a view for machines on loopback; the pages for people come later."""
