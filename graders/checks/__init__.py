"""Checks: the claims on the answers of each lesson, one package a lesson."""
