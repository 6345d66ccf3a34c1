"""Web push says what RFC 8291 and RFC 8292 say, goes to named services only, and only the browser can read it."""

import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from tasks.notifications import web_push
from tasks.notifications.channels import Browser, PushMessage
from tasks.notifications.errors import ChannelFailed
from tasks.notifications.web_push import decoded, encoded, sealed
from tests.factories import NOON
from tests.tasks.posts import push_service, sender

MESSAGE = PushMessage("Matterflow", "“Подать иск” 😀", "https://firm.example/inbox", "tag")
SECRET = b"0123456789abcdef"


def browser(endpoint="https://push.example/1"):
    key = ec.generate_private_key(ec.SECP256R1())
    return key, Browser(endpoint, encoded(web_push._raw(key.public_key())), encoded(SECRET))


def opened(body, key, secret=SECRET):
    """Read a message as a browser does (RFC 8291, section 3.4; RFC 8188, section 2)."""
    salt, length = body[:16], body[20]
    theirs, text = body[21 : 21 + length], body[21 + length :]
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
    info = b"WebPush: info\0" + web_push._raw(key.public_key()) + theirs
    ikm = web_push._derived(shared, secret, info, 32)
    content_key = web_push._derived(ikm, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = web_push._derived(ikm, salt, b"Content-Encoding: nonce\0", 12)
    plain = AESGCM(content_key).decrypt(nonce, text, None)
    assert plain.endswith(b"\x02")
    return plain[:-1]


def test_the_example_of_rfc_8291_appendix_a():
    private = int.from_bytes(decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
    receiver = Browser(
        "https://push.example.net/x",
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
    )

    body = sealed(
        b"When I grow up, I want to be a watermelon",
        receiver,
        key=ec.derive_private_key(private, ec.SECP256R1()),
        salt=decoded("DGv6ra1nlYgDCS1FRnbzlw"),
    )

    assert encoded(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A"
        "_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@given(text=st.binary(max_size=web_push.MOST_BYTES))
def test_the_browser_and_nobody_else_reads_a_message(text):
    key, receiver = browser()

    body = sealed(text, receiver)

    assert opened(body, key) == text
    assert sealed(text, receiver) != body


def test_a_push_service_gets_a_sealed_body_and_a_signed_token():
    key, _ = browser()
    with push_service() as (address, taken):
        server = sender(address)
        receiver = Browser(f"{address}/send/1?x=2", encoded(web_push._raw(key.public_key())), encoded(SECRET))

        assert server.send(receiver, MESSAGE, now=NOON) is True

    [(path, headers, body)] = taken
    assert path == "/send/1?x=2"
    assert (headers["Content-Encoding"], headers["TTL"]) == ("aes128gcm", "43200")
    assert json.loads(opened(body, key)) == {
        "title": "Matterflow", "body": MESSAGE.body, "url": MESSAGE.url, "tag": "tag",
    }  # fmt: skip
    scheme, _, said = headers["Authorization"].partition(" ")
    token, public_key = (part.partition("=")[2] for part in said.split(", "))
    assert (scheme, public_key) == ("vapid", server.public_key)
    head, claims, signature = token.split(".")
    assert json.loads(decoded(head)) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(decoded(claims))["aud"] == address
    assert 0 < json.loads(decoded(claims))["exp"] - NOON.timestamp() <= 24 * 3600
    signed, raw = f"{head}.{claims}".encode(), decoded(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    known = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(public_key))
    known.verify(der, signed, ec.ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        known.verify(der, signed + b"x", ec.ECDSA(SHA256()))


@pytest.mark.parametrize(("status", "answer"), [(201, True), (202, True), (404, False), (410, False), (413, True)])
def test_what_a_push_service_answers(status, answer):
    _, receiver = browser()
    with push_service(status) as (address, _):
        assert (
            sender(address).send(Browser(f"{address}/1", receiver.p256dh, receiver.auth), MESSAGE, now=NOON) is answer
        )


@pytest.mark.parametrize("status", [301, 400, 403, 429, 500])
def test_what_is_not_taken_now_is_tried_again(status):
    _, receiver = browser()
    with push_service(status) as (address, taken):
        with pytest.raises(ChannelFailed, match=str(status)):
            sender(address).send(Browser(f"{address}/1", receiver.p256dh, receiver.auth), MESSAGE, now=NOON)
        assert len(taken) == 1  # nobody is sent on


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com@127.0.0.1/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://xfcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evilnotify.windows.com/x",
        "file:///etc/passwd",
        "https://[",
        "",
        "https://fcm.googleapis.com/" + "x" * 3000,
        "https://fcm.googleapis.com/é",
    ],
)
def test_nobody_but_a_push_service_is_called(endpoint):
    server = web_push.WebPush(web_push.new_key(), "mailto:it@firm.example")

    assert server.trusts(endpoint) is False
    assert server.send(Browser(endpoint, "", ""), MESSAGE, now=NOON) is False


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/x:y",
        "https://updates.push.services.mozilla.com/wpush/v2/x",
        "https://db5p.notify.windows.com/w/?token=x",
        "https://web.push.apple.com/x",
    ],
)
def test_the_usual_browsers_are_reached(endpoint):
    assert web_push.WebPush(web_push.new_key(), "mailto:it@firm.example").trusts(endpoint)


def test_a_message_is_cut_to_what_a_record_holds():
    key, receiver = browser()
    long = PushMessage("😀" * 500, "слово " * 5000, "https://firm.example/x", "tag")

    told = json.loads(opened(sealed(web_push._payload(long), receiver), key))

    assert told["url"] == long.url
    assert 0 < len(told["body"]) < len(long.body)


@pytest.mark.parametrize("p256dh", ["", "AAAA", encoded(b"\4" + bytes(64)), "*" * 87, "😀"])
def test_what_is_no_key_of_a_browser_is_refused(p256dh):
    with pytest.raises(web_push.KeysInvalid):
        web_push.check_keys(p256dh, encoded(SECRET))
