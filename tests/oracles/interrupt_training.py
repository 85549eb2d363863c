#!/usr/bin/env python3
"""Kills, stops and starves a training run, and looks whether it ever loses more than it may.

    interrupt_training.py LIVERSEG.dll FOLDER [--kills 100] [--stops 10] [--full 20] [--tmpfs FOLDER]

kill    kill -9 at random moments, every third of them inside a save, every step being saved; after each the newest state must be at least the newest one that was
        seen before the kill, the run must go on by itself, and each run that ends must end with the weights of an undisturbed one.
stop    SIGINT and SIGTERM at random moments within an epoch, no saves within epochs: exit code 130 or 143 and the same end.
full    a small file system (mounted by the caller at --tmpfs) is filled while the run saves: exit code 5, no temporary file left,
        every old state that is still there as it was, byte for byte, the newest one among them, and the run goes on after room was made.
"""
import argparse, hashlib, os, random, re, signal, subprocess, sys, time

a = argparse.ArgumentParser()
a.add_argument("program"); a.add_argument("folder")
a.add_argument("--kills", type=int, default=100); a.add_argument("--stops", type=int, default=10)
a.add_argument("--full", type=int, default=20); a.add_argument("--tmpfs"); a.add_argument("--seed", type=int, default=1)
o = a.parse_args()
rnd = random.Random(o.seed)
os.makedirs(o.folder, exist_ok=True)
env = dict(os.environ, OMP_NUM_THREADS="1")
EPOCHS, STEPS = 12, 10


def path(*parts): return os.path.join(o.folder, *parts)


def program(*args): return ["dotnet", o.program, *map(str, args)]


if not os.path.exists(path("data", "cases.csv")):
    subprocess.run(program("phantom", "-o", path("data"), "--cases", 1, "--spacing", 8), check=True, stdout=subprocess.DEVNULL)


def train(name, checkpoints, every, epochs=EPOCHS):
    return program("train", "--cases", path("data", "cases.csv"), "-o", path(name + ".safetensors"), "--overwrite", "--preset", "smoke",
                   "--spacing", 8, "--epochs", epochs, "--steps", STEPS, "--threads", 1, "--checkpoint", checkpoints, "--resume",
                   "--save-every", every, "--history", path(name + ".jsonl"), "--seed", 1)


def newest(folder):
    """(epoch, step within it) of the newest state, or None."""
    found = [re.fullmatch(r"epoch-(\d+)(?:_(\d+))?\.checkpoint", f) for f in (os.listdir(folder) if os.path.isdir(folder) else [])]
    return max(((int(m[1]), int(m[2] or 0)) for m in found if m), default=None)


def clear(folder):
    for f in os.listdir(folder) if os.path.isdir(folder) else []: os.remove(os.path.join(folder, f))


def result(name): return hashlib.sha256(open(path(name + ".safetensors"), "rb").read()).hexdigest()


def log(name):
    """The history without what may differ: times and memory."""
    return [re.sub(r'"(seconds|peak_mib)":[\d.]+', "", l) for l in open(path(name + ".jsonl"))]


def fail(text):
    print("FAILED:", text); sys.exit(1)


quiet = dict(env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
if not os.path.exists(path("whole.safetensors")):
    subprocess.run(train("whole", path("c-whole"), 0), check=True, **quiet)
whole, wholelog = result("whole"), log("whole")
print(f"undisturbed: {EPOCHS} epochs of {STEPS} steps", flush=True)

kills = inside = ended = equal = 0
lost = 0
clear(path("c-kill"))
while kills < o.kills:
    start = newest(path("c-kill"))
    p = subprocess.Popen(train("kill", path("c-kill"), 1), **quiet)
    # Wait for the first new state, so that no kill falls into the start of the program, then for a random while.
    until = time.time() + 120
    while newest(path("c-kill")) == start and p.poll() is None and time.time() < until: time.sleep(0.01)
    wait = time.time() + rnd.uniform(0, 1.5)
    seen = newest(path("c-kill"))
    while time.time() < wait and p.poll() is None:
        time.sleep(0.002); seen = newest(path("c-kill"))
    # Every third kill aims at a save: it waits until one has begun.
    while kills % 3 == 0 and p.poll() is None and not any(f.endswith(".tmp") for f in os.listdir(path("c-kill"))): time.sleep(0.0005)
    seen = newest(path("c-kill"))
    if p.poll() is not None:
        if p.returncode != 0: fail(f"exit {p.returncode}: {p.stderr.read().decode()}")
        ended += 1
        if result("kill") != whole or log("kill") != wholelog: fail("a run that was killed ended otherwise")
        equal += 1
        clear(path("c-kill"))
        continue
    p.kill(); p.wait()
    kills += 1
    inside += any(f.endswith(".tmp") for f in os.listdir(path("c-kill")))
    if newest(path("c-kill")) < seen: fail(f"state {seen} was there before the kill and is gone")
if o.kills:
    subprocess.run(train("kill", path("c-kill"), 1), check=True, **quiet)
    if result("kill") != whole or log("kill") != wholelog: fail("the last run ended otherwise")
    print(f"kill -9: {kills} of {o.kills} restarted by themselves, {inside} inside a save, {ended + 1} runs ended, all with the undisturbed weights and log", flush=True)

if o.stops:
    clear(path("c-stop")); slow = []; done = 0
    while done < o.stops:
        which = signal.SIGINT if done % 2 else signal.SIGTERM
        log_before = newest(path("c-stop"))
        p = subprocess.Popen(train("stop", path("c-stop"), 0, EPOCHS), **quiet)
        while newest(path("c-stop")) == log_before and p.poll() is None: time.sleep(0.01)
        time.sleep(rnd.uniform(0, 0.8))
        begin = time.time(); p.send_signal(which); p.wait()
        if p.returncode == 0:
            if result("stop") != whole: fail("a run that was stopped ended otherwise")
            clear(path("c-stop")); continue
        if p.returncode != (130 if which == signal.SIGINT else 143): fail(f"exit {p.returncode} on {which.name}: {p.stderr.read().decode()}")
        slow.append(time.time() - begin); done += 1
    subprocess.run(train("stop", path("c-stop"), 0), check=True, **quiet)
    if result("stop") != whole or log("stop") != wholelog: fail("the stopped run ended otherwise")
    print(f"stop: {done} of {o.stops} saved and exited with 130 or 143, slowest {max(slow):.2f} s; the end is bit-equal", flush=True)

def states(folder):
    """Name and content of every state."""
    return {f: hashlib.sha256(open(os.path.join(folder, f), "rb").read()).hexdigest() for f in os.listdir(folder) if f.endswith(".checkpoint")}


if o.tmpfs and o.full:
    c = os.path.join(o.tmpfs, "checkpoints"); hog = os.path.join(o.tmpfs, "hog"); good = compared = 0
    clear(c)
    while good < o.full:
        if os.path.exists(hog): os.remove(hog)
        before = newest(c)
        p = subprocess.Popen(train("full", c, 1, 10000), **quiet)
        while newest(c) in (before, None) and p.poll() is None: time.sleep(0.01)
        time.sleep(rnd.uniform(0, 0.5))
        # Stopped, the run changes nothing while its states are read and the room is taken.
        p.send_signal(signal.SIGSTOP); time.sleep(0.05)
        old, last = states(c), newest(c)
        with open(hog, "wb") as f:
            p.send_signal(signal.SIGCONT)
            # A save that was all but done may succeed and make room by dropping an old state: that is taken, too.
            until = time.time() + 120
            while p.poll() is None and time.time() < until:
                try:
                    while True: f.write(b"x" * 65536); f.flush()
                except OSError: time.sleep(0.001)
        if p.poll() is None: p.kill(); fail("went on although the disk was full")
        error = p.stderr.read().decode().strip()
        if p.returncode != 5: fail(f"full: exit {p.returncode}: {error}")
        if any(f.endswith(".tmp") for f in os.listdir(c)): fail("a temporary file stayed")
        now = states(c)
        if newest(c) is None or newest(c) < last: fail("the newest state is gone")
        if not (old.keys() & now.keys()): fail("no old state is left to compare")
        for f in old.keys() & now.keys():
            if old[f] != now[f]: fail(f"{f} has changed")
            compared += 1
        good += 1
    os.remove(hog); before = newest(c)
    p = subprocess.Popen(train("full", c, 1, 10000), **quiet)
    while newest(c) == before and p.poll() is None: time.sleep(0.01)
    ok = p.poll() is None; p.kill(); p.wait()
    if not ok or newest(c) < before: fail("does not go on after room was made")
    print(f"full disk: {good} of {o.full} exit 5, no half file, {compared} old states the same byte for byte, went on; said: {error}", flush=True)
