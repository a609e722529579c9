"""Video files, encoded in another process: one picture of a view takes up to a tenth of a second."""

from __future__ import annotations

import contextlib
import importlib.util
import multiprocessing
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from octavox.codec import InputError, scratch_folder, write_atomically

from .array_pipe import receive, send

FRAMES_PER_SECOND = 18
SUFFIXES = (".ogv", ".mp4", ".webp", ".gif")
MP4 = ".mp4"
AHEAD = 2  # pictures that may wait for the encoder
END_SECONDS = 1.0  # for a process to end after it was terminated

Pixels = npt.NDArray[np.uint8]  # (H, W, 3), of one size in a file


class FrameWriter(Protocol):
    def add(self, pixels: Pixels) -> None: ...

    def close(self) -> None: ...


class TheoraWriter:
    """Ogg Theora by VTK."""

    def __init__(self, path: str, rate: float) -> None:
        from vtkmodules.vtkIOOggTheora import vtkOggTheoraWriter

        self._writer = vtkOggTheoraWriter()
        self._writer.SetFileName(path)
        self._writer.SetRate(round(rate))
        self._writer.SetQuality(2)
        self._started = False

    def add(self, pixels: Pixels) -> None:
        from vtkmodules.util.numpy_support import numpy_to_vtk
        from vtkmodules.vtkCommonDataModel import vtkImageData

        height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2  # Theora wants even sizes
        image = vtkImageData()
        image.SetDimensions(width, height, 1)
        rows = np.ascontiguousarray(pixels[:height, :width][::-1]).reshape(-1, 3)
        image.GetPointData().SetScalars(numpy_to_vtk(rows, deep=True))
        self._writer.SetInputData(image)
        if not self._started:
            self._writer.Start()
            self._started = True
        self._writer.Write()

    def close(self) -> None:
        if self._started:
            self._writer.End()


class AnimationWriter:
    """Animated WebP or GIF by Pillow."""

    def __init__(self, path: str, rate: float) -> None:
        self._path, self._rate = path, rate
        self._frames: list[Any] = []

    def add(self, pixels: Pixels) -> None:
        from PIL import Image

        self._frames.append(Image.fromarray(pixels))

    def close(self) -> None:
        if self._frames:
            first, *rest = self._frames
            milliseconds = round(1000 / self._rate)
            first.save(self._path, save_all=True, append_images=rest, duration=milliseconds, loop=0)


class Mp4Writer:
    """MP4 with H.264 by PyAV."""

    def __init__(self, path: str, rate: float) -> None:
        import av

        self._container = av.open(path, "w")
        self._stream = self._container.add_stream("h264", rate=round(rate))
        self._stream.pix_fmt = "yuv420p"  # which every player knows
        self._begun = False

    def add(self, pixels: Pixels) -> None:
        import av

        height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2  # H.264 wants even sizes
        if not self._begun:
            self._begun, self._stream.width, self._stream.height = True, width, height
        rows = np.ascontiguousarray(pixels[:height, :width])
        for packet in self._stream.encode(av.VideoFrame.from_ndarray(rows, format="rgb24")):
            self._container.mux(packet)

    def close(self) -> None:
        for packet in self._stream.encode(None):
            self._container.mux(packet)
        self._container.close()


def writer_for(path: str, rate: float) -> FrameWriter:
    suffix = Path(path).suffix.lower()
    if suffix == MP4:
        return Mp4Writer(path, rate)
    return TheoraWriter(path, rate) if suffix == ".ogv" else AnimationWriter(path, rate)


class VideoFile:
    """Takes pictures without making the caller wait; `path` is there, and complete, once `closed` is true."""

    def __init__(self, path: str, rate: float = FRAMES_PER_SECOND) -> None:
        """rate: pictures a second. Raises InputError for an ending that is not in SUFFIXES, or that needs a
        package that is not there; OSError where nothing can be written."""
        suffix = Path(path).suffix.lower()
        if suffix not in SUFFIXES:
            raise InputError(f"no video format '{suffix}'; known: {', '.join(SUFFIXES)}", path=path)
        if suffix == MP4 and importlib.util.find_spec("av") is None:
            reason = "MP4 needs the extra video: pip install 'octavox[video]'; OGV, WebP and GIF do not"
            raise InputError(reason, path=path)
        self._path, self._scratch = path, contextlib.ExitStack()
        folder = self._scratch.enter_context(scratch_folder(Path(path).resolve().parent))
        self._part = folder / f"video{suffix}"
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=_encode, args=(there, str(self._part), rate), daemon=True)
        self._sender = ThreadPoolExecutor(1, "octavox-video")
        self._waiting: list[Future[None]] = [self._sender.submit(self._begin, there)]
        self._closing = False

    @property
    def ready(self) -> bool:
        """Whether another picture can be added now. Raises the exception of an earlier one."""
        self._look()
        return len(self._waiting) < AHEAD

    @property
    def closed(self) -> bool:
        self._look()
        return self._closing and not self._waiting

    def add(self, pixels: Pixels) -> None:
        self._waiting.append(self._sender.submit(self._send, pixels))

    def close(self) -> None:
        """No more pictures follow; the file appears soon."""
        self._closing = True
        self._waiting.append(self._sender.submit(self._send, None))
        self._sender.shutdown(wait=False)

    def stop(self) -> None:
        """Stop; no file appears."""
        self._sender.shutdown(wait=False, cancel_futures=True)
        self._end()
        self._scratch.close()

    def _look(self) -> None:
        while self._waiting and self._waiting[0].done():
            self._waiting.pop(0).result()

    def _begin(self, there: Connection) -> None:
        self._process.start()
        there.close()

    def _send(self, pixels: Pixels | None) -> None:
        try:
            send(self._here, pixels)
            error = receive(self._here)
        except (EOFError, OSError):
            raise RuntimeError("the process that writes the video ended early") from None
        if error is not None:
            raise error
        if pixels is None:
            self._end()
            write_atomically(self._path, self._part.read_bytes())
            self._scratch.close()

    def _end(self) -> None:
        with contextlib.suppress(ValueError, AssertionError, AttributeError):  # it never began
            self._process.terminate()
            self._process.join(END_SECONDS)
        self._here.close()


def _encode(there: Connection, path: str, rate: float) -> None:
    """In the other process: answers each picture, and the None after the last, with an exception or None."""
    with contextlib.suppress(
        EOFError, ConnectionError, KeyboardInterrupt
    ):  # the other end of the pipe was closed
        writer = writer_for(path, rate)
        while True:
            pixels = receive(there)
            error: Exception | None = None
            try:
                if pixels is None:
                    writer.close()
                else:
                    writer.add(pixels)
            except Exception as problem:
                error = RuntimeError(f"{type(problem).__name__}: {problem}")
            send(there, error)
