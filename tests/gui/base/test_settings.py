"""What the window remembers between runs."""

from __future__ import annotations

from PySide6.QtCore import QSettings

from octavox.gui.base.settings import Settings
from octavox.gui.commands.codec import CodecCommands
from octavox.gui.commands.workbench import Workbench
from octavox.gui.document.session import Session


def test_settings_remember(settings, tmp_path) -> None:
    files = [tmp_path / f"{k}.ply" for k in range(10)]
    for file in files:
        file.write_text("x")
        settings.add_recent(str(file))
    assert settings.recent == [str(f) for f in reversed(files[2:])]
    settings.add_recent(str(files[5]))
    assert settings.recent[0] == str(files[5])
    files[5].unlink()
    assert str(files[5]) not in settings.recent
    settings.theme = "light"
    settings.set_option("max_level", 2)
    settings.sync()
    assert settings.theme == "light"
    assert settings.options()["max_level"] == 2


def test_options_survive_a_restart(settings) -> None:
    CodecCommands(Workbench(Session(), settings)).set_option("codec", "octree")
    again = Session()
    Workbench(again, settings)
    assert again.options.codec == "octree"


def test_settings_keep_the_mode_of_their_file_and_follow_a_link(tmp_path) -> None:
    real, link = tmp_path / "real.ini", tmp_path / "link.ini"
    real.write_text("[General]\ntheme=light\n")
    real.chmod(0o640)
    link.symlink_to(real)
    store = QSettings(str(link), QSettings.Format.IniFormat)
    settings = Settings(store)
    assert settings.theme == "light"
    settings.folder = "/somewhere"
    settings.sync()
    assert link.is_symlink() and real.stat().st_mode & 0o777 == 0o640
    assert "folder=/somewhere" in real.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.ini", "real.ini"]
