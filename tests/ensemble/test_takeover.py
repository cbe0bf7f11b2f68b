"""Apache's servers are replaced by Quoll's one by one, and the other way, while clients work: the short form of takeover.py."""

import takeover


def test_three_servers_are_replaced_and_replaced_back_under_clients(tmp_path):
    assert takeover.run(tmp_path, 3, "leader-last", "TERM", 0, clients=("kazoo", "c")) == []
