"""Passwords beyond ASCII: SASLprep (RFC 4013) makes one of the forms that look alike, on both sides."""
import unicodedata
from urllib.parse import quote

import pytest

# Composed, compatibility and combining characters of several planes, Hangul, and a space that is none.
PASSWORDS = ["pässwörd", "ﬁne Ⅸ ｆｕｌｌ", "ΐ ǖ ṩ ệ", "한글 각", "𝒑𝒂𝒔𝒔 𝟙𝟚", "ｶﾞ ㍿ ㌀", "a\u00a0b \u0344 \u0f73"]


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize("password", PASSWORDS)
def test_forms_of_a_password(postgres, verdict, password, form):
    """Goal: whichever form the URL has, the login is the one that the server knows; another one is refused."""
    database = postgres()
    database.sql("SET password_encryption = 'scram-sha-256'; DROP ROLE IF EXISTS accented")
    database.sql(f"CREATE ROLE accented LOGIN PASSWORD '{password}'")
    written = quote(unicodedata.normalize(form, password))
    verdict.healthy("ready", database.url(user="accented", password=written, database="postgres"), says=["postgres ok"])
    wrong = database.url(user="accented", password=written + "x", database="postgres")
    verdict.unhealthy("ready", wrong, cause="pg-wrong-password", says=["wrong password"])
