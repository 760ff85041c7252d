"""Who has read the sign's text in each language and stands for it: a small JSON file beside the database, closed in form.

A review names the text by its hash: a text that changes is unreviewed again, whatever the file says.
"""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from provisioner.documents.sign_texts import TEXTS, Language, SignReview, text_sha256
from provisioner.fault import PlainError, Text
from provisioner.wrong import HIDDEN, Wrong, finding, has_hidden_signs, os_finding


def _plain(text: str) -> str:
    if has_hidden_signs(text) or not text.strip():
        raise Wrong(HIDDEN.sv, HIDDEN.en)
    return text.strip()


class _Review(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    language: Language
    reviewer: Annotated[str, Field(min_length=3, max_length=80), AfterValidator(_plain)]
    reviewed_on: date
    text_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    reviews: list[_Review] = Field(max_length=len(TEXTS))


def read_reviews(path: Path) -> dict[Language, SignReview]:
    """The reviews by language; none where there is no file yet. Raises `PlainError`: `sign_reviews_wrong`, `sign_reviews_unreadable`."""
    try:
        found = _File.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _unusable(path, error) from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where, what = ".".join(map(str, first["loc"])), finding(first)
        raise PlainError("sign_reviews_wrong", Text(
            f"Granskningarna i {path} går inte att läsa: {where} {what.sv}. Rätta filen, eller ta bort den och granska igen.",
            f"The reviews in {path} cannot be read: {where} {what.en}. Correct the file, or remove it and review again.")) from None
    return {one.language: SignReview(one.language, one.reviewer, one.reviewed_on, one.text_sha256) for one in found.reviews}


def put_review(path: Path, language: Language, reviewer: str, reviewed_on: date) -> SignReview:
    """Keep that `reviewer` stands for the text as it is now; replaces that language's earlier review. Raises `PlainError`, also for a name that is none
    (`sign_reviewer`); the file is then as it was."""
    try:
        new = _Review(language=language, reviewer=reviewer, reviewed_on=reviewed_on, text_sha256=text_sha256(language))
    except ValidationError as error:
        what = finding(error.errors(include_input=False)[0])
        raise PlainError("sign_reviewer", Text(f"Granskarens namn {what.sv}.", f"The reviewer's name {what.en}.")) from None
    review = SignReview(new.language, new.reviewer, new.reviewed_on, new.text_sha256)
    kept = {**read_reviews(path), language: review}
    rows = [{"language": one.language, "reviewer": one.reviewer, "reviewed_on": one.reviewed_on.isoformat(), "text_sha256": one.text_sha256}
            for _, one in sorted(kept.items())]
    new_file = path.with_name(path.name + ".new")
    try:
        new_file.write_text(json.dumps({"reviews": rows}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        new_file.replace(path)
    except OSError as error:
        raise _unusable(path, error) from None
    return review


def _unusable(path: Path, error: OSError) -> PlainError:
    found = os_finding(error)
    return PlainError("sign_reviews_unreadable", Text(f"{path} {found.sv}. Välj en annan plats med sign.reviews_file.",
                                                      f"{path} {found.en}. Choose another place with sign.reviews_file."))
