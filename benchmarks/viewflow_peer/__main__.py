"""``python -m benchmarks.viewflow_peer activation|client``, run by the peer's own Python."""

import sys

from benchmarks.contest import serve

from .contestants import ActivationPeer, ClientPeer

serve({"activation": ActivationPeer, "client": ClientPeer}[sys.argv[1]])
