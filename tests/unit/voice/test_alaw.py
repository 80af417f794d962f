import numpy as np
import pytest

from hotline.voice.alaw import encode


@pytest.mark.parametrize(
    ("sample", "code"),
    [
        (0, 0xD5),
        (-1, 0x55),
        (8, 0xD5),
        (16, 0xD4),
        (1000, 0xFA),
        (-1000, 0x7A),
        (32767, 0xAA),
        (-32768, 0x2A),
    ],
)
def test_codes_are_those_of_g711(sample: int, code: int) -> None:
    assert encode(np.array([sample], np.int16)) == bytes([code])


def test_louder_never_gets_a_lower_code() -> None:
    codes = np.frombuffer(encode(np.arange(0, 32768, dtype=np.int16)), np.uint8) ^ 0xD5
    assert (np.diff(codes.astype(int)) >= 0).all()
