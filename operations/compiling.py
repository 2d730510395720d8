"""The compiled simulator, before many runs begin."""

from __future__ import annotations

from operations import terminal


def compile_once() -> None:
    """Compile the simulator's inner loop where this version has not been compiled yet, and say so: it takes half a
    minute. Where it cannot be, say what that costs."""
    from elasticity.simulator import engine

    if not engine.can_compile():
        cure = f"unset {engine.SWITCH_OFF}" if engine.is_installed() else "pip install 'accordion[fast]'"
        terminal.say(f"simulating in plain Python, some 100 times slower than compiled; `{cure}`")
    elif not engine.is_cached():
        with terminal.progress("compiling the simulator, once for this version"):
            engine.compiled_run()
