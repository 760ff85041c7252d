"""What is said about privacy masks, and what to do next."""

from provisioner.case.device import ZoneProof
from provisioner.fault import Text

NO_MASKS = Text("Kameran har inga sekretessmasker. Rikta den så att de förbjudna ytorna inte syns, eller byt till en kamera som har.",
                "The camera has no privacy masks. Aim it so that the forbidden areas are out of view, or use a camera that has.")
BY_HAND = Text("Kamerans masker kan bara ställas in i dess egen webbsida. Be depån göra det, eller rikta kameran så att ytorna inte syns.",
               "The camera's masks can be set in its own web page only. Ask the depot to do it, or aim the camera so that the areas are out of view.")
NONE_ASKED = Text("Inga ytor är förbjudna, och kameran har inga masker.", "No area is forbidden, and the camera has no masks.")
PROVED = Text("Maskerna är satta och syns i bilden: ingenting av de förbjudna ytorna visas.",
              "The masks are set and seen in the picture: nothing of the forbidden areas is shown.")
WIDER = Text(" Kameran kan inte rita formen; masken är större än ytan. Kontrollera att sängen syns.",
             " The camera cannot draw the shape; the mask is larger than the area. Check that the bed is in view.")
NOT_MADE = Text("Kameran tog inte emot alla masker. Rikta om kameran så att ytorna inte syns, eller byt kamera.",
                "The camera did not take all masks. Aim it so that the areas are out of view, or swap the camera.")
NOT_DRAWN = Text("Kameran säger att masken finns, men ytan syns i bilden. Använd den inte här: rikta om den eller byt kamera.",
                 "The camera says that the mask is there, but the area is seen in the picture. Do not use it here: aim it elsewhere or swap the camera.")
BLURS = Text("Kameran kan bara göra ytan suddig, inte dölja den. Rikta om kameran så att ytan inte syns, eller byt kamera.",
             "The camera can only blur the area, not hide it. Aim it so that the area is out of view, or swap the camera.")
UNPROVED = Text("Maskerna är satta men kunde inte bevisas i bilden. Tänd i rummet och gör om provet.",
                "The masks are set but could not be proved in the picture. Put the light on and repeat the test.")


UNDER_TEXT = Text("Masken syns, men kamerans egen text står över den, så att provet inte räcker. Flytta texten till ett annat hörn i kamerans webbsida och gör om.",
                  "The mask is seen, but the camera's own text stands over it, so that the proof falls short. Move the text to another corner in the camera's web "
                  "page and repeat.")


def sentence(proofs: tuple[ZoneProof, ...], *, wider: bool, kind: str, under_text: bool = False) -> Text:
    """The worst that is true of any zone, with its next action."""
    if not proofs:
        return NONE_ASKED
    if not all(proof.made for proof in proofs):
        return NOT_MADE
    if any(proof.covered is not None and not proof.proved for proof in proofs):
        return NOT_DRAWN if kind == "Color" else BLURS
    if not all(proof.proved for proof in proofs):
        return UNDER_TEXT if under_text else UNPROVED
    return Text(PROVED.sv + WIDER.sv, PROVED.en + WIDER.en) if wider else PROVED
