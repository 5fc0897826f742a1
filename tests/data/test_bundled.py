from importlib.metadata import PackageNotFoundError

import pytest

from surveysem.data import bundled
from surveysem.errors import InputFileError


def test_absent_package(monkeypatch):
    def absent(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(bundled, "distribution", absent)
    with pytest.raises(InputFileError, match="the package semopy is not installed"):
        bundled.read_political_democracy()


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "cannot be read"), ("", "cannot be read"), ("y1,y2\n1,2\n", "1 rows with columns y1, y2")],
)
def test_unusable_copy(monkeypatch, tmp_path, content, message):
    path = tmp_path / "pd_data.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    monkeypatch.setattr(bundled, "_installed_file", lambda: path)
    with pytest.raises(InputFileError, match=message):
        bundled.read_political_democracy()
