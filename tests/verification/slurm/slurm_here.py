"""Slurm's daemons on this machine: a cluster of one's own, of one node."""

from __future__ import annotations

import contextlib
import getpass
import importlib.util
import os
import shutil
import socket
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch", "squeue", "sinfo", "scontrol", "scancel")
CONFIGURATION = """\
ClusterName=lawbook
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={place}/munge.socket
StateSaveLocation={place}/state
SlurmdSpoolDir={place}/spool
SlurmctldPidFile={place}/slurmctld.pid
SlurmdPidFile={place}/slurmd.pid
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,batch_sched_delay=1
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
GresTypes=gpu
MaxArraySize=5
KillWait=2
NodeName=node NodeHostname={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory} Gres=gpu:toy:2
PartitionName=short Nodes=node Default=YES MaxTime=60 State=UP
PartitionName=closed Nodes=node MaxTime=60 State=DOWN
"""
PATIENCE = 60.0


def lacking() -> str:
    """Why there can be no Slurm here; empty where there can."""
    path = f"{os.environ['PATH']}:/usr/sbin"
    if missing := [name for name in PROGRAMS if shutil.which(name, path=path) is None]:
        return f"Slurm is not installed: no {', '.join(missing)}"
    if importlib.util.find_spec("submitit") is None:
        return "submitit is not installed"
    return "Slurm's daemons and the files of two GPUs need root" if os.geteuid() else ""


class SlurmHere:
    """Slurm's daemons on this machine, with munge and two toy GPUs; so many cores whatever it has."""

    def __init__(self, place: Path, cores: int = 4) -> None:
        self.place = place
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}
        ports = [_free_port(), _free_port()]
        host = socket.gethostname().partition(".")[0]
        (place / "slurm.conf").write_text(
            CONFIGURATION.format(
                host=host, ports=ports, user=getpass.getuser(), place=place, cores=cores, memory=3000 * cores
            )
        )
        for folder in ("state", "spool"):
            (place / folder).mkdir()
        (place / "gres.conf").write_text(f"NodeName=node Name=gpu Type=toy File={place}/gpu[0-1]\n")
        for number in range(2):
            os.mknod(place / f"gpu{number}", stat.S_IFCHR | 0o600, os.makedev(1, 3))
        (place / "munge.key").write_bytes(os.urandom(128))
        (place / "munge.key").chmod(0o400)

    def start(self) -> None:
        """Start all, and wait until the node is idle."""
        named = [f"--{name}={self.place}/munge.{name.partition('-')[0]}" for name in ("key-file", "socket", "pid-file")]
        more = [f"--log-file={self.place}/munged.log", f"--seed-file={self.place}/munge.seed"]
        self._start("munged", "--foreground", "--force", *named, *more)
        self._wait("munge", lambda: (self.place / "munge.socket").exists())
        self.start_controller()
        self._start("slurmd", "-D", "-N", "node")
        self._wait("idle", lambda: "idle" in self.ask("sinfo", "--noheader", "--format=%t"))

    def start_controller(self) -> None:
        """Start the daemon that knows all jobs."""
        self._start("slurmctld", "-D")

    def stop(self, name: str) -> None:
        """End a daemon."""
        daemon = self._daemons.pop(name)
        daemon.terminate()
        try:
            daemon.wait(10)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()

    def stop_all(self) -> None:
        """End whatever runs, jobs first."""
        if "slurmctld" in self._daemons:
            with contextlib.suppress(AssertionError):
                self.cancel_all()
        for name in reversed(list(self._daemons)):
            self.stop(name)

    def cancel_all(self) -> None:
        """Cancel whatever runs or waits, and wait until it has ended."""
        self.ask("scancel", f"--user={getpass.getuser()}")
        self._wait("end of all jobs", lambda: not self.ask("squeue", "--noheader"))

    def ask(self, *command: str) -> str:
        """What a command of Slurm prints, whatever comes of it."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=60)
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "SLURM_CONF": str(self.place / "slurm.conf")}

    def said(self) -> str:
        """The end of what each daemon has said."""
        return "\n".join(f"{path.name}: {path.read_text()[-2000:]}" for path in self.place.glob("*.log"))

    def _start(self, name: str, *arguments: str) -> None:
        program = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
        assert program is not None
        with (self.place / f"{name}.out.log").open("ab") as said:
            self._daemons[name] = subprocess.Popen(
                [program, *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def _wait(self, what: str, is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < end, f"no {what} in {PATIENCE:g} seconds:\n{self.said()}"
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
