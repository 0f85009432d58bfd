"""A ZenML server for tests: on a free port of the loopback address, which it prints; gone when standard input ends.

However the test ends, its end of the pipe closes: then the server, its children and its files go, too.
"""

import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from pathlib import Path

home = tempfile.mkdtemp(prefix="zenml-server-")
os.environ.update(HOME=home, ZENML_CONFIG_PATH=home)
os.setsid()


def end_with_the_test():
    sys.stdin.buffer.read()
    shutil.rmtree(home, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=end_with_the_test, daemon=True).start()

import uvicorn  # noqa: E402 (takes seconds, and the test may end before)

if os.environ.get("ZENML_TFLINT_STAND_INS"):
    # The cloud SDKs are not installed: with modules that stand in for them, every connector type is there and checks its
    # configuration. Nothing can be reached with it.
    sys.path.append(str(Path(__file__).parents[2] / "tools"))
    import stand_ins
    from zenml.service_connectors.service_connector_registry import service_connector_registry

    stand_ins.install()
    service_connector_registry.register_builtin_service_connectors()
    stand_ins.remove()

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
app = "zenml.zen_server.zen_server_api:app"
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
