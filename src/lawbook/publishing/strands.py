"""The strands as the site presents them: a title, a few words, and a hand-written introduction each."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from lawbook.publishing.settings import SiteError, SiteSettings
from lawbook.registry.models import STRANDS


@dataclass(frozen=True)
class Strand:
    """One folder of claims. introduction: Markdown with math."""

    id: str
    title: str
    short: str
    tagline: str
    introduction: str


def read_strands(settings: SiteSettings) -> dict[str, Strand]:
    """Every strand's page head from `site/strands/ID.md`: front matter `title`, `short`, `tagline`, then text.

    Raises SiteError where one is missing or has no front matter.
    """
    return {id: _read(settings, id) for id in STRANDS}


def _read(settings: SiteSettings, id: str) -> Strand:
    path = settings.folder / "strands" / f"{id}.md"
    try:
        _, front, text = path.read_text(encoding="utf-8").split("---\n", 2)
        head = yaml.safe_load(front)
        return Strand(id, head["title"], head["short"], head["tagline"], text.strip())
    except OSError as error:
        raise SiteError(f"{path}: {error.strerror}; each strand needs an introduction") from None
    except (ValueError, KeyError, TypeError, yaml.YAMLError):
        raise SiteError(f"{path}: begin it with front matter that gives title, short and tagline") from None
