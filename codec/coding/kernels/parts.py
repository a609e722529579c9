"""Compiling a function as a part of those that call it: without machine code of its own.

numba compiles each function to machine code, with a wrapper for Python, before it compiles one that calls
it. But of a loop whose hundred parts are compiled into it, the loop alone ever runs. So a part ends here as
LLVM instructions, which its callers take over and optimise with their own. That halves the time to compile.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import Any

_numba: Any = importlib.import_module("numba")  # without types, as are its modules
_compiler: Any = importlib.import_module("numba.core.compiler")
_passes: Any = importlib.import_module("numba.core.typed_passes")
_codegen: Any = importlib.import_module("numba.core.codegen")
_lowering: Any = importlib.import_module("numba.core.lowering")
_machinery: Any = importlib.import_module("numba.core.compiler_machinery")
_make_function: Any = importlib.import_module("numba._dynfunc").make_function


class _Part(_codegen.JITCodeLibrary):  # type: ignore[misc]
    """The instructions of a part. Its callers optimise them; the running program gets nothing."""

    def _optimize_functions(self, ll_module: Any) -> None:
        pass

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True


@_machinery.register_pass(mutates_CFG=True, analysis_only=False)
class _PartLowering(_passes.BaseNativeLowering):  # type: ignore[misc]
    """numba's last pass but one, for a part."""

    _name = "octavox_part_lowering"

    @property
    def lowering_class(self) -> Any:
        return _lowering.Lower

    def run_pass(self, state: Any) -> bool:
        """As numba's own, with the name that callers find the part by: an object that nobody can call."""
        context, flags = state.targetctx, state.flags
        state.library = _Part(context.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.no_compile = True
        super().run_pass(state)
        lowered = state["cr"]
        name, module = lowered.fndesc.qualname, lowered.fndesc.lookup_module()
        handle = _make_function(module, name, name, 0, lowered.env, (state.library,))
        context.insert_user_function(handle, lowered.fndesc, [state.library])
        state["cr"] = lowered._replace(cfunc=handle)
        return True


class _PartCompiler(_compiler.CompilerBase):  # type: ignore[misc]
    """numba's passes, with that of parts in place of the one that makes machine code."""

    def define_pipelines(self) -> list[Any]:
        manager = _compiler.DefaultPassBuilder.define_nopython_pipeline(self.state)
        manager.passes = [
            (_PartLowering if each is _passes.NativeLowering else each, words)
            for each, words in manager.passes
        ]
        manager._finalized = False
        manager.finalize()
        return [manager]


def lend_as_part(compiled: Any, function: Callable[..., Any], options: dict[str, Any]) -> None:
    """Has functions that call `compiled` take a part that is made of the same Python function.

    `compiled` itself is compiled only where Python calls it. options: as numba was given them for it.
    """

    @cache
    def part() -> Any:
        return _numba.njit(function, pipeline_class=_PartCompiler, **options)

    compiled.get_call_template = lambda args, kws: part().get_call_template(args, kws)
    compiled.get_overload = lambda signature: part().get_overload(signature)
