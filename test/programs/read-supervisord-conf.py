"""Reads each supervisord.conf it is given with Supervisor itself, and prints what Supervisor makes of it as JSON."""

import json
import shlex
import signal
import sys

from supervisor.datatypes import Automatic, RestartUnconditionally, RestartWhenExitUnexpected
from supervisor.options import ServerOptions

restarts = {False: "never", RestartUnconditionally: "always", RestartWhenExitUnexpected: "unexpected"}


def words(command):
    try:
        return shlex.split(command) or "command is empty"
    except ValueError as why:
        return "can't parse command %r: %s" % (command, why)


def log(process, stream):
    path = getattr(process, stream + "_logfile")
    if path is None:
        return None
    return {
        "path": "AUTO" if path is Automatic else path,
        "maxBytes": getattr(process, stream + "_logfile_maxbytes"),
        "backups": getattr(process, stream + "_logfile_backups"),
    }


def stream(process, name):
    return {
        "log": log(process, name),
        "captureBytes": getattr(process, name + "_capture_maxbytes"),
        "events": bool(getattr(process, name + "_events_enabled")),
    }


def process_of(group, process):
    return {
        "group": group.name,
        "groupPriority": group.priority,
        "name": process.name,
        "words": words(process.command),
        "directory": process.directory,
        "environment": process.environment,
        "umask": process.umask,
        "switchesUser": process.uid is not None,
        "priority": process.priority,
        "autostart": process.autostart,
        "restart": restarts[process.autorestart],
        "startMs": process.startsecs * 1000,
        "startRetries": process.startretries,
        "exitCodes": process.exitcodes,
        "stopSignal": signal.Signals(process.stopsignal).name[3:],
        "stopMs": process.stopwaitsecs * 1000,
        "stopAsGroup": process.stopasgroup,
        "killAsGroup": process.killasgroup,
        "redirectStderr": process.redirect_stderr,
        "serverUrl": process.serverurl,
        "stdout": stream(process, "stdout"),
        "stderr": stream(process, "stderr"),
    }


def group_of(group):
    pool = getattr(group, "pool_events", None)
    socket = getattr(group, "socket_config", None)
    return {
        "name": group.name,
        "priority": group.priority,
        "processes": sorted(process.name for process in group.process_configs),
        "events": None if pool is None else sorted(event.__name__ for event in pool),
        "bufferSize": getattr(group, "buffer_size", None),
        "socket": None
        if socket is None
        else {"url": socket.url, "mode": getattr(socket, "mode", None), "backlog": socket.backlog},
    }


def server_of(server):
    inet = server["family"].name == "AF_INET"
    return {
        "at": {"host": server["host"], "port": server["port"]}
        if inet
        else {"path": server["file"], "mode": server["chmod"]},
        "username": server["username"],
        "password": server["password"],
    }


def read(path):
    options = ServerOptions()
    options.configfile = path
    try:
        options.process_config_file(do_usage=False)
    except ValueError as why:
        return {"refused": str(why)}
    root = options.configroot.supervisord
    groups = root.process_group_configs
    return {
        "processes": [process_of(group, each) for group in groups for each in group.process_configs],
        "groups": [group_of(group) for group in groups],
        "servers": [server_of(server) for server in root.server_configs],
        "warnings": options.parse_warnings,
        "supervisor": {
            "identifier": root.identifier,
            "minFds": root.minfds,
            "minProcs": root.minprocs,
            "noCleanup": root.nocleanup,
            "logLevel": root.loglevel,
            "logMaxBytes": root.logfile_maxbytes,
            "logBackups": root.logfile_backups,
        },
    }


print(json.dumps([read(path) for path in sys.argv[1:]]))
