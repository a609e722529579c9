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


def test_settings_that_are_damaged_are_passed_over(tmp_path) -> None:
    path = tmp_path / "settings.ini"
    path.write_text(
        "[General]\ntheme=@Invalid()\nfolder=@Variant(\\0\\x7f)\nframe_memory=much\nlanguage=xx\n"
        f"recent={'x' * 5000}, {path}, @ByteArray(a)\n"
        "[rates]\noctree=fast\nmultiscale=nan\nvoxeldnn=-3\nother=1e999\nright=12.5\n"
        "[codec]\ncodec=5\nthreads=many\nblock_size=-1\n[window]\ngeometry=7\nstate=@Size(3 x\n"
    )
    settings = Settings(QSettings(str(path), QSettings.Format.IniFormat))
    assert settings.rates() == {"right": 12.5} and settings.rate("octree") is None
    assert settings.recent == [str(path)]
    assert isinstance(settings.theme, str) and isinstance(settings.folder, str) and settings.frame_memory > 0
    assert settings.window() == (None, None)
    assert not {"threads", "block_size"} & set(settings.options())
