"""The French catalogues of all packages: `python tests/catalogues.py` extracts the texts from the
code, merges them into each `.po`, and compiles the `.mo` that stands beside it.

Names of packages limit it to these. It names what still lacks a translation. No package uses
plurals or templates yet.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGE = "fr"


def packages() -> list[Path]:
    """The top folder of every package of the workspace."""
    members = [ROOT / "core", *ROOT.glob("adapters/*"), *ROOT.glob("plugins/*")]
    return sorted(
        p for m in members for p in m.glob("vaguemestre*") if (p / "__init__.py").exists()
    )


def po_file(package: Path) -> Path:
    return package / "locales" / LANGUAGE / "LC_MESSAGES" / f"{package.name}.po"


def texts(package: Path) -> dict[str, set[str]]:
    """Every text in `_()` with the files that say it."""
    found: dict[str, set[str]] = {}
    for source in sorted(package.rglob("*.py")):
        for _line, text, _comments, _context in extract_from_file("python", source):
            messages = text if isinstance(text, tuple) else (text,)
            found.setdefault(messages[0], set()).add(source.relative_to(package).as_posix())
    found.pop("", None)
    return found


def unreadable_calls(package: Path) -> Iterator[str]:
    """Calls of `_()` with a text that is put together first: extraction would miss it.

    A variable is fine: its text is marked by `N_()` where it is written.
    """
    assembled = (ast.JoinedStr, ast.BinOp, ast.Call)
    for source in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            marked = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("_", "N_")
            )
            if marked and isinstance(node.args[0], assembled):
                yield f"{source.relative_to(ROOT)}:{node.lineno}"


def catalogue(package: Path) -> Catalog:
    """What stands in the package's `.po`, or an empty catalogue."""
    file = po_file(package)
    if not file.exists():
        return Catalog(LANGUAGE, project=package.name, domain=package.name)
    with file.open("rb") as stream:
        return read_po(stream, locale=LANGUAGE, domain=package.name)


def compiled(found: Catalog) -> bytes:
    stream = io.BytesIO()
    write_mo(stream, found)
    return stream.getvalue()


def update(package: Path) -> list[str]:
    """Bring `.po` and `.mo` up to date with the code; the texts without a translation."""
    old = catalogue(package)
    new = Catalog(
        LANGUAGE,
        project=package.name,
        domain=package.name,
        header_comment=f"# {package.name}: French. Made by tests/catalogues.py; edit msgstr only.",
        version="0.1",
        msgid_bugs_address="vaguemestre",
        last_translator="Vaguemestre",
        language_team="fr",
        creation_date=old.creation_date,
        revision_date=old.creation_date,
        fuzzy=False,
    )
    for text, files in sorted(texts(package).items()):
        known = old.get(text)
        said = known.string if known else ""
        new.add(text, said, locations=[(name, None) for name in sorted(files)])
    if len(new):
        _write(po_file(package), new)
    return [str(m.id) for m in new if m.id and not m.string]


def _write(file: Path, found: Catalog) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        write_po(stream, found, width=100, include_lineno=False)
    file.with_suffix(".mo").write_bytes(compiled(found))


if __name__ == "__main__":
    chosen = [p for p in packages() if p.name in sys.argv[1:] or not sys.argv[1:]]
    for package_ in chosen:
        for missing in update(package_):
            sys.stdout.write(f"{package_.name}: {missing!r}\n")
