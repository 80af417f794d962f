import numpy as np

from hotline.sipp import alaw


def test_silence_is_the_code_that_telephones_send_for_it() -> None:
    assert alaw.encode(np.zeros(4, np.int16)) == b"\xd5" * 4


def test_known_codes_of_the_standard() -> None:
    # G.711 table 1a: the largest value of each sign, and small ones.
    samples = np.array([32767, -32768, 8, -8, 1000, -1000], np.int16)
    assert alaw.encode(samples) == bytes([0xAA, 0x2A, 0xD5, 0x55, 0xFA, 0x7A])


def test_coding_twice_changes_nothing_and_errs_by_less_than_three_per_cent() -> None:
    samples = np.arange(-32000, 32000, 7, dtype=np.int16)
    once = alaw.decode(alaw.encode(samples))
    assert alaw.encode(once) == alaw.encode(samples)
    error = np.abs(once.astype(int) - samples)
    assert np.all(error <= np.maximum(np.abs(samples.astype(int)) * 0.032, 16))
