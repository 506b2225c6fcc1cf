"""Draws a picture anew; it is run in a sandbox, because who made a picture may mean harm to whatever decodes it."""

import base64
import io
import warnings

from PIL import Image

MOST_PIXELS, WIDEST = 16_000_000, 1_000


def redrawn(content: str, kind: str) -> str:
    """The picture of `kind` ("PNG" or "JPEG") as a new small PNG, both in base64; nothing if it is none.

    A picture of a size that nobody looks at is none.
    """
    drawn = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            picture = Image.open(io.BytesIO(base64.b64decode(content)), formats=[kind])
            if picture.width * picture.height > MOST_PIXELS:
                return ""
            picture = picture.convert("RGB")
            picture.thumbnail((WIDEST, WIDEST))
            picture.save(drawn, "PNG")
    except Exception:
        # Pillow raises many kinds of errors for what is no picture, and none of them concerns a mark.
        return ""
    return base64.b64encode(drawn.getvalue()).decode()
