"""The daemon is killed while it hands files over to people: each lies ready once, none is lost, and
none comes back after a person took it away."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from campaigns.conftest import declarations
from support.site import COURRIEL, SECRET, Simulator, Site

from vaguemestre.testing.points import PLUGIN_POINTS, POINTS
from vaguemestre_dsn import samples
from vaguemestre_izilio.adapter import Izilio
from vaguemestre_net_entreprises.simulator.declaration import read
from vaguemestre_net_entreprises.simulator.documents import certificate

assert Izilio.platform  # loading the plugin declares its points

#: Points that are passed on the way of a file to a person.
ON_THE_WAY = sorted(
    [name for name in POINTS if name.startswith(("intake.", "control.", "lane."))]
    + [name for name in PLUGIN_POINTS if name.startswith("izilio.")]
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Callable[[], Site]]:
    made: list[Site] = []

    def make() -> Site:
        settings = {"transport": "hand-over", "folder": "tray", "portal": "le portail IZILIO"}
        folder = tmp_path / f"site-{len(made)}"
        made.append(Site(folder, settings, platform="izilio", credential=""))
        made[-1].command("profiles", "test", "acme")
        return made[-1]

    yield make
    for one in made:
        one.kill()


def ready_for_people(site: Site) -> Counter[str]:
    """SHA-256 of every declaration that lies there to be deposited."""
    return Counter(
        hashlib.sha256(file.read_bytes()).hexdigest()
        for folder in (site.folder / "tray").iterdir()
        if folder.name not in (".vaguemestre", "Retours", "Classés")
        for file in folder.glob("*.dsn")
    )


def once(files: dict[str, bytes]) -> Counter[str]:
    return Counter(hashlib.sha256(payload).hexdigest() for payload in files.values())


@pytest.mark.campaign
@pytest.mark.parametrize("point", ON_THE_WAY)
def test_killed_at_a_named_point_each_file_lies_ready_once(
    point: str, desk: Callable[[], Site]
) -> None:
    here, files = desk(), declarations(3)
    for name, payload in files.items():
        here.drop(name, payload)
    here.start(VAGUEMESTRE_STOP_AT=point)
    assert here.daemon is not None
    assert here.daemon.wait(60) == -9, f"{point} was never passed: {here.tail()}"
    here.start()
    here.wait(3, ["handed_over"])
    assert here.stop() == 0
    assert ready_for_people(here) == once(files)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(3))
def test_killed_at_random_moments_while_people_take_files_away(
    seed: int, desk: Callable[[], Site]
) -> None:
    chance = random.Random(seed)
    here = desk()
    files: dict[str, bytes] = {}
    taken: Counter[str] = Counter()
    for life in range(5):
        more = declarations(12, start=12 * life)
        files |= more
        for name, payload in more.items():
            here.drop(name, payload)
        here.start()
        # The moment is random on purpose: it is what the campaign varies.
        time.sleep(chance.uniform(0.3, 1.5))
        here.kill()
        # While nothing runs, a person takes a part of what can be seen.
        for folder in sorted((here.folder / "tray").glob("[0-9]*")):
            if chance.random() < 0.5:
                (file,) = folder.glob("*.dsn")
                taken[hashlib.sha256(file.read_bytes()).hexdigest()] += 1
                shutil.rmtree(folder)
    here.start()
    here.wait(len(files), ["handed_over"], within=120)
    assert here.stop() == 0
    assert ready_for_people(here) + taken == once(files)


@pytest.mark.campaign
def test_from_the_file_to_the_certificate_by_the_hands_of_a_person(
    desk: Callable[[], Site],
) -> None:
    here = desk()
    one, two = samples.mensuelle(), samples.arret(order=9)
    here.drop("mensuelle.dsn", one)
    here.drop("arret.dsn", two)
    here.start()
    here.wait(2, ["handed_over"])
    listed = json.loads(here.command("deposits", "list", "--json"))
    numbers = {Path(d["source"]).name: d["id"] for d in listed}
    mensuelle, arret = numbers["mensuelle.dsn"], numbers["arret.dsn"]
    assert all("le portail IZILIO" in d["message"] for d in listed)
    assert {f"by-hand:{mensuelle}", f"by-hand:{arret}"} <= set(here.notices())
    assert ready_for_people(here) == once({"a": one, "b": two})

    # The certificate may be saved before anybody says that the file was deposited.
    reference = "Ab-1234567890.12345_xyz"
    person = (SECRET["siret"], SECRET["nom"], SECRET["prenom"])
    document = certificate(person, reference, read(one), datetime.now(UTC))
    (here.folder / "tray" / "Retours" / "certificat.xml").write_bytes(document)
    here.command("deposits", "settle", str(mensuelle), "--deposited", reference)
    here.wait_for(lambda: here.states()["accepted"] == 1)
    here.command("deposits", "settle", str(arret), "--absent")
    tray = here.folder / "tray"
    here.wait_for(lambda: [p.name.endswith("(2)") for p in tray.glob(f"{arret} - *")] == [True])
    here.wait_for(lambda: here.states()["handed_over"] == 1)
    here.command("deposits", "settle", str(arret), "--absent", "--withdraw")
    here.wait_for(lambda: not ready_for_people(here))
    assert here.states() == {"accepted": 1, "withdrawn": 1}
    assert here.stop() == 0


@pytest.mark.campaign
def test_profiles_that_share_a_folder_have_each_their_returns(tmp_path: Path) -> None:
    """One folder for the whole office, one profile for each company."""
    sirets, files = [samples.siret(n) for n in (1, 2)], {}
    settings = {"transport": "hand-over", "folder": "tray"}
    second = (
        '[[profile]]\nname = "other"\nplatform = "izilio"\n'
        f'scope = {{ company = "{sirets[1][:9]}" }}\n'
        '[profile.settings]\ntransport = "hand-over"\nfolder = "tray"\n'
    )
    here = Site(
        tmp_path / "site",
        settings,
        platform="izilio",
        credential="",
        scope={"company": sirets[0][:9]},
        extra=second,
    )
    try:
        for number, siret in enumerate(sirets, start=1):
            files[f"{number}.dsn"] = samples.mensuelle(siret=siret, seed=number)
            here.drop(f"{number}.dsn", files[f"{number}.dsn"])
        here.start()
        here.wait(2, ["handed_over"])
        person = (SECRET["siret"], SECRET["nom"], SECRET["prenom"])
        for number, name in here.query("SELECT id, name FROM deposit"):
            reference = f"Ab-1234567890.12345_xy{number}"
            document = certificate(person, reference, read(files[name]), datetime.now(UTC))
            (here.folder / "tray" / "Retours" / f"{name}.xml").write_bytes(document)
            here.command("deposits", "settle", str(number), "--deposited", reference)
        here.wait(2, ["accepted"])
        assert {p for (p,) in here.query("SELECT profile FROM platform_return")} == {
            "acme",
            "other",
        }
        assert here.stop() == 0
    finally:
        here.kill()


@pytest.mark.campaign
@pytest.mark.parametrize(
    "point", sorted(name for name in POINTS if name.startswith(("collect.", "inbox.")))
)
def test_killed_while_it_takes_what_a_person_saved_every_return_arrives_once(
    point: str, desk: Callable[[], Site]
) -> None:
    here, payload, reference = desk(), samples.arret(), "Ab-1234567890.12345_xyz"
    here.drop("a.dsn", payload)
    here.start()
    here.wait(1, ["handed_over"])
    here.kill()
    here.command("deposits", "settle", "1", "--deposited", reference)
    returns = here.folder / "tray" / "Retours"
    person = (SECRET["siret"], SECRET["nom"], SECRET["prenom"])
    document = certificate(person, reference, read(payload), datetime.now(UTC))
    (returns / "certificat.xml").write_bytes(document)
    here.start(VAGUEMESTRE_STOP_AT=point)
    assert here.daemon is not None
    assert here.daemon.wait(60) == -9, f"{point} was never passed: {here.tail()}"
    here.start()
    here.wait(1, ["accepted"])
    here.wait_for(lambda: [p.name for p in returns.iterdir()] == ["Classés"])
    here.wait_for(
        lambda: here.query("SELECT count(*) FROM platform_return WHERE path <> ''") == [(1,)]
    )
    assert here.stop() == 0
    # A write that was killed may leave its hidden beginning behind.
    files = [p for p in (here.folder / "in").rglob("[!.]*") if p.is_file()]
    assert [p.read_bytes() for p in files] == [document]
    assert here.query("SELECT count(*) FROM platform_return") == [(1,)]


@pytest.mark.campaign
def test_when_the_line_is_down_a_doubt_about_it_is_not_settled_by_hand(
    tmp_path: Path,
) -> None:
    """The profile is changed to the other transport while an answer is lost: the file must not be
    laid ready, for it may have arrived."""
    faults = ("--fault", "answer-lost", "--fault", "status=503:call=depots*1000")
    platform = Simulator(tmp_path, *faults, platform="izilio")
    here = Site(tmp_path / "site", platform.settings(), platform="izilio")
    try:
        here.drop("a.dsn", samples.arret())
        here.start()
        here.wait_for(lambda: "lose_track" in events(here))
        here.kill()
        text = here.config.read_text("utf-8")
        by_hand = 'transport = "hand-over"\nfolder = "tray"\n'
        here.config.write_text(
            text.replace("[profile.settings]\n", f"[profile.settings]\n{by_hand}")
        )
        here.command("profiles", "test", "acme")
        here.start()
        here.wait_for(lambda: "doubt:1" in here.notices())
        assert here.states() == {"in_doubt": 1}
        assert not ready_for_people(here)
        (arrived,) = platform.deposits()
        here.command("deposits", "settle", "1", "--deposited", arrived["idflux"])
        assert here.states() == {"deposited": 1}
    finally:
        here.kill()
        platform.stop()


def events(site: Site) -> list[str]:
    return [kind for (kind,) in site.query("SELECT kind FROM event ORDER BY id")]


@pytest.mark.campaign
def test_a_line_and_its_returns_as_a_daemon_has_them(tmp_path: Path) -> None:
    platform = Simulator(tmp_path, "--tls", "--return-delay", "0.2", platform="izilio")
    here = Site(tmp_path / "site", platform.settings(), platform="izilio")
    try:
        assert "courriel" in json.loads(here.secret)
        tested = json.loads(here.command("profiles", "test", "acme", "--json"))
        assert tested["ok"], tested
        here.drop("a.dsn", samples.mensuelle())
        here.start()
        here.wait(1, ["accepted"])
        assert here.stop() == 0
        assert len(platform.deposits()) == 1
        assert SECRET["motdepasse"] not in here.log.read_text("utf-8")
        assert COURRIEL not in here.log.read_text("utf-8")
    finally:
        here.kill()
        platform.stop()
