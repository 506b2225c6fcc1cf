"""Techniques: how answers are judged, one module each."""
