"""Rooms that never were, seen by a ceiling-high camera: geometry, light, picture, and the truth about all three.

`home.py` furnishes a room, `cast.py` finds what a ray meets, `light.py` lights it, `render.py` gives layers of linear light for one pose,
`sensor.py` makes pictures of them, `labels.py` says what is true. Nothing here was looked up in a picture: every label comes from the geometry.
"""
