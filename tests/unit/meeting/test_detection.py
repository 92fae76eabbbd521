"""The format of a text is told by its content alone."""

import pytest

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.formats.detection import detect


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nhello", "vtt"),
        ("\n\nWEBVTT", "vtt"),
        ("1\n00:00:01,000 --> 00:00:02,000\nhello", "srt"),
        ("00:00:01.000 --> 00:00:0x.000\nhello", "srt"),
        ("0:00:01.000,0:00:02.000\nhello", "srt"),
        (' {"utterances": []}', "json"),
        ("{}", "json"),
        ('[{"text": "a"}]', "json"),
        ("[[[[", "json"),
        ("[]", "json"),
        ("Ann: hello", "text"),
        ("[Ann] hello", "text"),
        ("[00:01:02] Ann: hello", "text"),
        ("[00:00:01.000 --> 00:00:02.000]  hello", "text"),
        ("10:30 - 11:00\nwe meet", "text"),
        ("10:30 -> 11:00 stand-up", "text"),
        ("{laughs} so, we start", "text"),
        ("We agreed, in short, on text\n", "text"),
        ("room 3 12 15 people\nwere there", "text"),
        ("Ann: one\n" * 100 + "00:00:01.000 --> 00:00:02.000\nquoted", "text"),
        ("", "text"),
        (" \n\t", "text"),
        ("[Script Info]\nTitle: x", "ass"),
        ("rec 1 0.5 0.2 hello", "ctm"),
        (";; a comment\nrec 1 0.5 0.2 hello 0.9 lex ann\n", "ctm"),
        ("rec 1 Alice 1 2.5 hello there", "stm"),
        ("rec A Alice 1 2.5 <o,f0,female> hello there", "stm"),
        ('"speaker","start","end","text"\nAnn,0,1,hi', "csv"),
        ("Speaker;Start;Transcript\nAnn;0;hi", "csv"),
        ("start\tend\ttext\n0\t900\thi", "csv"),
    ],
)
def test_the_format_is_told_by_the_content(content: str, name: str) -> None:
    assert detect(content) == name


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("<?xml version='1.0'?><tt></tt>", "XML"),
        ("<!DOCTYPE html>", "HTML"),
        ("SPEAKER rec 1 0 0 <NA> <NA> Alice <NA> <NA>", "RTTM"),
    ],
)
def test_a_layout_for_machines_without_a_reader_is_refused_by_name(content: str, what: str) -> None:
    with pytest.raises(UnparseableTranscript, match=what) as refusal:
        detect(content)

    assert refusal.value.line == 1
