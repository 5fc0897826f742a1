"""Damage to the dictionary of an SPSS file, at which the reader would end the whole program."""

import random
import struct

import pandas as pd
import pyreadstat
import pytest

from surveysem.data import read_table
from surveysem.data.imports.spss_dictionary import check_spss_dictionary
from surveysem.errors import InputFileError

LABELS = {1: "Disagree", 2: "Neither", 3: "Agree, with some more words than eight bytes hold"}


@pytest.fixture
def written(tmp_path):
    def write(**options):
        frame = pd.DataFrame({"tr_1": [1.0, 2.0, 3.0], "tr_2": [2.0, 9.0, 1.0], "note": ["x", "y" * 300, ""]})
        path = tmp_path / "a.sav"
        pyreadstat.write_sav(
            frame,
            path,
            variable_value_labels={"tr_1": LABELS, "tr_2": LABELS},
            column_labels={"tr_1": "Odd"},
            missing_ranges={"tr_2": [9]},
            note="a line of a document",
            **options,
        )
        return path

    return write


@pytest.mark.parametrize("options", [{}, {"compress": True}, {"row_compress": True}])
def test_whole_files_pass(written, options):
    path = written(**options)
    check_spss_dictionary(path.read_bytes())
    assert read_table(path).frame["tr_1"].tolist() == [1, 2, 3]


def test_labels_of_a_variable_that_is_not_there_are_refused(written):
    """A reader that believes this record reads memory that is not its own."""
    path = written()
    content = path.read_bytes()
    record = struct.pack("<iii", 4, 1, 1)
    assert content.count(record) == 1
    path.write_bytes(content.replace(record, struct.pack("<iii", 4, 1, 64027)))
    with pytest.raises(InputFileError, match=r"damaged, cut off .* \(labels belong to variable 64027 of \d+\)"):
        read_table(path)


@pytest.mark.parametrize(
    ("record", "damaged", "message"),
    [
        (struct.pack("<ii", 3, 3), struct.pack("<ii", 3, -3), "has -3 entries"),
        (struct.pack("<ii", 6, 1), struct.pack("<ii", 6, 10**6), "claims 80,000,000 bytes"),
        (struct.pack("<ii", 6, 1), struct.pack("<ii", 8, 1), "unknown type 8"),
        (struct.pack("<iii", 7, 3, 4), struct.pack("<iii", 7, 3, -4), "a negative size"),
        (struct.pack("<iiii", 2, 0, 1, 0), struct.pack("<iiii", 2, 700, 1, 0), "as none can be"),
    ],
)
def test_records_that_contradict_each_other_are_named(written, record, damaged, message):
    content = written().read_bytes()
    assert record in content
    with pytest.raises(ValueError, match=message):
        check_spss_dictionary(content.replace(record, damaged, 1))


def test_every_cut_of_the_dictionary_is_told(written):
    content = written().read_bytes()
    end = content.index(struct.pack("<ii", 999, 0))
    for length in random.Random(1).sample(range(4, end), 200):
        with pytest.raises(ValueError, match=r"byte|order"):
            check_spss_dictionary(content[:length])
