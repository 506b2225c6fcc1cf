"""The whole pattern card, run, and claims on the card that students write in its place."""
