"""What the generator needs to know of `site/mkdocs.yml`, and where the parts of the site lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lawbook.publishing.escaping import web_address

SITE_FOLDER = "site"
DOCS_FOLDER = "build/docs"
BUILT_FOLDER = "build/site"
# The engine's own theme and settings, for a `site/mkdocs.yml` that inherits them.
PARTS_FOLDER = "build/parts"


def package_site() -> Path:
    """The templates, theme, styles, scripts and settings that come with the engine and serve any registry.

    They travel in the wheel; in a checkout of the engine they are its own site folder.
    """
    package = Path(__file__).parents[1]
    installed = package / SITE_FOLDER
    return installed if installed.is_dir() else package.parents[1] / SITE_FOLDER


class SiteError(Exception):
    """The site cannot be generated or built; the message says why and how to mend it."""


@dataclass(frozen=True)
class SiteSettings:
    """Names and addresses that pages and programs use; an address is "" where mkdocs.yml gives none."""

    folder: Path
    name: str
    description: str
    site_url: str
    repo_url: str
    edit_uri: str

    def source_url(self, path: str, lines: tuple[int, int] | None = None) -> str:
        """The address of a tracked file in the repository's web view; "" without `repo_url`."""
        if not self.repo_url:
            return ""
        view = self.edit_uri.replace("edit/", "blob/", 1).removesuffix("/") or "blob/main"
        anchor = f"#L{lines[0]}-L{lines[1]}" if lines else ""
        return web_address(f"{self.repo_url.rstrip('/')}/{view}/{path}{anchor}")

    def absolute(self, path: str) -> str:
        """The address of a page or file of the site; the path itself without `site_url`."""
        return f"{self.site_url.rstrip('/')}/{path}" if self.site_url else path


def read_settings(root: Path) -> SiteSettings:
    """The settings of the site below a registry's root; raises SiteError where it has none."""
    folder = root / SITE_FOLDER
    path = folder / "mkdocs.yml"
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_Lenient)
    except OSError as error:
        raise SiteError(
            f"{path}: {error.strerror}; a registry with a site has mkdocs.yml and strands in {folder}"
        ) from None
    except yaml.YAMLError as error:
        raise SiteError(f"{path}: not valid YAML: {error}") from None
    except RecursionError:
        raise SiteError(f"{path}: nested too deep") from None
    except (ValueError, AttributeError) as error:  # bytes that are no UTF-8; a date or number that is none
        raise SiteError(f"{path}: cannot be read: {error}") from None
    config: dict[str, Any] = loaded if isinstance(loaded, dict) else {}
    texts = {
        key: str(config.get(key) or "") for key in ("site_name", "site_description", "site_url", "repo_url", "edit_uri")
    }
    return SiteSettings(
        folder=folder,
        name=texts["site_name"] or "Lawbook",
        description=texts["site_description"],
        site_url=web_address(texts["site_url"]),
        repo_url=web_address(texts["repo_url"]),
        edit_uri=texts["edit_uri"],
    )


class _Lenient(yaml.SafeLoader):
    """Reads past MkDocs' own tags (`!ENV`, `!!python/name:…`), whose values nobody needs here."""


_Lenient.add_multi_constructor("!", lambda loader, suffix, node: None)
_Lenient.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: None)
