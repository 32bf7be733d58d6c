"""Names in an archive that would lead out of the folder it is unpacked to."""

import re
import zipfile

from sources.cells import ReadingError

_LEADS_OUT = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|\0")


def refuse_unsafe_names(archive: zipfile.ZipFile) -> None:
    """Refuse an archive with an absolute name or one with "..". Raises ReadingError.

    Nothing is unpacked to disk here; but no program writes such names by itself, so the file is not what it
    seems to be.
    """
    for entry in archive.infolist():
        # `filename` ends at a NUL; what the archive holds is `orig_filename`.
        if _LEADS_OUT.search(entry.orig_filename):
            raise ReadingError(
                f"archive entry {entry.orig_filename[:100]!r}",
                "its name leads out of the archive's own folder",
                "check where the file comes from; it is not opened",
            )
