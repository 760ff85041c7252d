"""`provisioner sign ...`: print the sign, say who stands for a language's text, list who does."""

import argparse
from contextlib import closing
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from provisioner.case.papers import claims_of
from provisioner.cli.main import Context
from provisioner.cli.out import OK
from provisioner.documents.sign import Printed, Sign, SignFonts, sign_pdf
from provisioner.documents.sign_texts import NAMES, TEXTS, Language, SignClaims, SignReview, text_sha256
from provisioner.fault import PlainError, Text
from provisioner.sign_reviews import put_review, read_reviews
from provisioner.view import SWEDEN
from provisioner.wiring import open_store
from provisioner.wrong import os_finding

_UNREVIEWED = Text("OGRANSKAD: ingen har gått i god för den {0} texten som den står. Låt någon som läser {0} granska den: provisioner sign review.",
                   "UNREVIEWED: nobody stands for the {0} text as it is. Have it read by somebody who reads {0}: provisioner sign review.")


def print_sign(args: argparse.Namespace, context: Context) -> int:
    """Write one PDF for each language. With a case: the languages that its unit asked for, and the lines that its camera's settings prove."""
    contact, out = context.settings.sign.contact(), context.out
    languages, proved = _wanted(args, context)
    reviews = read_reviews(context.settings.sign.reviews_file)
    paths = dict(zip(languages, _paths(args, languages), strict=True))
    made_at = context.clock.now()
    printed: list[tuple[Sign, Printed]] = []
    with as_file(files("provisioner.documents") / "fonts") as folder:
        fonts = SignFonts(*(str(folder / f"{name}.ttf") for name in ("NotoSans-Regular", "NotoSans-Bold", "NotoNaskhArabic-Regular", "NotoNaskhArabic-Bold")))
        for language in languages:
            sign = Sign(language, args.size, contact, proved, reviews.get(language), made_at)
            printed.append((sign, sign_pdf(sign, fonts)))
    for sign, made in printed:  # all can be made, or none is written
        _write(paths[sign.language], made.pdf)
    out.result({"signs": [{
        "language": sign.language, "size": sign.size, "file": str(paths[sign.language]), **_reviewed(sign.review), "text_mm": made.text_mm,
        "heading_mm": made.heading_mm, "says_no_sound": proved.no_sound is True, "says_nothing_recorded": proved.nothing_recorded is True,
    } for sign, made in printed]})
    for sign, made in printed:
        out.text(Text(f"{sign.language}  {sign.size}  {paths[sign.language]}  (bokstäver {made.text_mm:.1f} mm)",
                      f"{sign.language}  {sign.size}  {paths[sign.language]}  (letters {made.text_mm:.1f} mm)"))
        if not sign.is_reviewed:
            out.text(Text(f"      {_UNREVIEWED.sv.format(NAMES[sign.language].sv)}", f"      {_UNREVIEWED.en.format(NAMES[sign.language].en)}"))
    for claim, line in ((proved.no_sound, Text("ljud", "sound")), (proved.nothing_recorded, Text("inspelning", "recording"))):
        if claim is None:
            out.text(Text(f"Raden om {line.sv} är utelämnad: det är inte bevisat för kameran.",
                          f"The line about {line.en} is left out: it is not proved of the camera."))
    return OK


def _wanted(args: argparse.Namespace, context: Context) -> tuple[list[Language], SignClaims]:
    for language in args.languages:
        if language not in TEXTS:
            raise PlainError("usage", Text(f"Skylten finns inte på '{language}': välj bland {', '.join(TEXTS)}.",
                                           f"There is no sign in '{language}': choose from {', '.join(TEXTS)}."))
    stated = SignClaims(args.no_sound_proved or None, args.nothing_recorded_proved or None)
    if not args.case:
        if not args.languages:
            raise PlainError("usage", Text("Ange språk, till exempel sv, eller ärende med --case.", "Give a language, such as sv, or a case with --case."))
        return list(dict.fromkeys(args.languages)), stated
    if stated != SignClaims():
        raise PlainError("usage", Text("Med --case avgör kamerans inställningar vad som är bevisat; ta bort --no-sound-proved och --nothing-recorded-proved.",
                                       "With --case the camera's settings decide what is proved; leave out --no-sound-proved and --nothing-recorded-proved."))
    with closing(open_store(context.settings, context.secrets)) as store:
        case = store.find_case(args.case)
    asked = case.receiving.sign_languages if case.receiving is not None else ("sv",)
    return list(dict.fromkeys(args.languages or [language for language in TEXTS if language in asked])), claims_of(case)


def _paths(args: argparse.Namespace, languages: list[Language]) -> list[Path]:
    out = Path(args.out)
    paths = [out / f"sign-{language}-{args.size}.pdf" for language in languages] if len(languages) > 1 or out.is_dir() else [out]
    for path in paths:
        if path.exists():
            raise PlainError("file_exists", Text(f"{path} finns redan. Välj ett annat namn.", f"{path} exists already. Choose another name."))
    return paths


def _write(path: Path, pdf: bytes) -> None:
    try:
        if not path.parent.exists():
            path.parent.mkdir(parents=True)
        path.write_bytes(pdf)
    except OSError as error:
        found = os_finding(error)
        raise PlainError("file_unwritable", Text(f"{path} {found.sv}.", f"{path} {found.en}.")) from None


def _reviewed(review: SignReview | None) -> dict[str, Any]:
    holds = review is not None and review.holds
    return {"reviewed": holds, "reviewer": review.reviewer if review and holds else None, "reviewed_on": str(review.reviewed_on) if review and holds else None}


def review_sign(args: argparse.Namespace, context: Context) -> int:
    """Enter who has read a language's text and stands for it, as it is now."""
    language: Language = args.of
    today = context.clock.now().astimezone(SWEDEN).date()
    try:
        day = date.fromisoformat(args.date) if args.date else today
    except ValueError:
        raise PlainError("wrong_field", Text(f"--date: '{args.date}' är inget datum. Skriv så: 2026-12-01.",
                                             f"--date: '{args.date}' is no date. Write it like this: 2026-12-01.")) from None
    if day > today:
        raise PlainError("wrong_field", Text(f"--date: {day} har inte varit än.", f"--date: {day} has not been yet."))
    review = put_review(context.settings.sign.reviews_file, language, args.reviewer, day)
    context.out.result({"language": language, **_reviewed(review), "text_sha256": review.text_sha256})
    context.out.text(Text(f"{NAMES[language].sv}: granskad av {review.reviewer} {day}. Gäller så länge texten är som nu.",
                          f"{NAMES[language].en}: reviewed by {review.reviewer} on {day}. Holds as long as the text is as now."))
    return OK


def list_signs(args: argparse.Namespace, context: Context) -> int:
    """Each language: who stands for it since when, or that nobody does."""
    reviews, out = read_reviews(context.settings.sign.reviews_file), context.out
    out.result({"signs": [{"language": language, **_reviewed(reviews.get(language)), "changed_since_review": language in reviews and not reviews[language].holds,
                           "text_sha256": text_sha256(language)} for language in TEXTS]})
    for language in TEXTS:
        review = reviews.get(language)
        if review is None:
            state = Text("OGRANSKAD", "UNREVIEWED")
        elif not review.holds:
            state = Text(f"OGRANSKAD: texten har ändrats sedan {review.reviewer} läste den {review.reviewed_on}",
                         f"UNREVIEWED: the text has changed since {review.reviewer} read it on {review.reviewed_on}")
        else:
            state = Text(f"granskad av {review.reviewer} {review.reviewed_on}", f"reviewed by {review.reviewer} on {review.reviewed_on}")
        out.say(f"{language}  {NAMES[language].in_language(out.language):10} {state.in_language(out.language)}")
    return OK
