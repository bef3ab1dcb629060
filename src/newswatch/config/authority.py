"""Certificate authorities of the user's own: is there one in the file?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from newswatch.config.plain import Plain
from newswatch.config.secrets import resolve
from newswatch.config.yamlfile import Path_
from newswatch.errors import Problem


def mistakes_of_authority(plain: Plain, place: Path_, environ: Mapping[str, str]) -> Iterator[Problem]:
    """A ``ca_file`` that is not there, or holds no authority.

    Args:
        plain: the file.
        place: where its ``ca_file`` stands, if it does.
        environ: for variables in the path.
    """
    written = plain.text(place)
    if not written:
        return
    path = resolve(plain.file.path.parent, Path(written), environ)
    if not path.is_file():
        yield Problem(plain.file.where(place), f"the file {written} is not there.", "Give a PEM file.")
    elif why := _unusable(path):
        what = f"{written} cannot be used as a certificate authority ({why})."
        yield Problem(plain.file.where(place), what, "Give a PEM file with the authority's certificate.")


def _unusable(path: Path) -> str:
    """Why no authority can be read from a file; empty when one can."""
    import ssl  # only where a configuration names an authority: it takes its time to load

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        return "it holds no certificate in PEM form"
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""
