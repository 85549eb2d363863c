#!/usr/bin/env python3
"""Kills a batch of phantoms at random moments and starts it again until all is done; then a batch with bad files among good ones.

  python3 tests/oracles/batch_kills.py [KILLS] [CASES] [SEED]      (after: dotnet build -c Release)

After every kill each file under a final name must be whole and equal to that of an undisturbed run, and finished masks must never be written again.
"""
import csv, hashlib, os, random, signal, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
CLI = ["dotnet", os.path.join(HERE, "../../src/LiverSeg.Functional.Cli/bin/Release/net10.0/liverseg.dll")]
KILLS, CASES, SEED = [int(a) for a in sys.argv[1:]] + [30, 8, 1][len(sys.argv) - 1 :]
chance = random.Random(SEED)
failed = 0


def check(good, what):
    global failed
    failed += not good
    print("ok       " if good else "FAILED   ", what, flush=True)


def digest(path):
    return hashlib.sha256(open(path, "rb").read()).hexdigest()


def files(folder):
    return {f: digest(os.path.join(folder, f)) for f in sorted(os.listdir(folder)) if os.path.isfile(os.path.join(folder, f))}


with tempfile.TemporaryDirectory() as root:
    at = lambda *p: os.path.join(root, *p)
    subprocess.run([*CLI, "phantom", "-o", at("in"), "--cases", str(CASES), "--spacing", "8"], check=True, capture_output=True)
    # A small model at a coarse spacing: what is tested is the batch, not the mask.
    train = [*CLI, "train", "--cases", at("in", "cases.csv"), "-o", at("small.safetensors"), "--preset", "smoke", "--spacing", "8", "--epochs", "1", "--steps", "1"]
    subprocess.run(train, check=True, capture_output=True)
    for f in os.listdir(at("in")):
        if f.endswith("-liver.nii.gz"):
            os.remove(at("in", f))
    model = ["-m", at("small.safetensors"), "--no-crf", "-q"]
    args = ["segment", *model, "-i", at("in", "cases.csv"), "--probability", "{}", "--stats", "{}", "-o", "{}"]
    batch = lambda out: [*CLI, *[a.format(out) for a in args]]
    start = time.time()
    check(subprocess.run(batch(at("whole")), capture_output=True).returncode == 0, "an undisturbed run")
    length = time.time() - start
    whole = files(at("whole"))
    kills = restarts = torn = again = leftovers = 0
    out, done = at("out-0"), {}
    while kills < KILLS:
        job = subprocess.Popen(batch(out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # From the first moments to somewhat after a full run's end.
        time.sleep(chance.uniform(0.1, 0.7) * length)
        job.send_signal(signal.SIGKILL)
        killed = job.wait() == -signal.SIGKILL
        kills += killed
        there = files(out) if os.path.isdir(out) else {}
        leftovers += sum(f.endswith(".tmp") for f in there)
        torn += sum(there[f] != whole[f] for f in there if f in whole and f != "segment-summary.csv")
        stamps = {f: os.stat(os.path.join(out, f)).st_mtime_ns for f in there if f.endswith("-liver.nii.gz")}
        again += sum(stamps[f] != done[f] for f in done)
        done = stamps
        if not killed or len(done) == CASES:
            restarts += 1
            out, done = at(f"out-{restarts}"), {}
    check(torn == 0, f"{kills} kills, {torn} files other than those of the undisturbed run")
    check(again == 0, f"{again} finished masks written again")
    final = subprocess.run(batch(out), capture_output=True, text=True)
    got = files(out)
    check(final.returncode == 0 and {f: h for f, h in got.items() if f != "segment-summary.csv"} == {f: h for f, h in whole.items() if f != "segment-summary.csv"}, f"the last start finished the rest; {leftovers} temporary files seen after kills, {sum(f.endswith('.tmp') for f in got)} left at the end")
    # Every third file is bad: the others are done all the same.
    good = sorted(f for f in os.listdir(at("in")) if f.endswith("-ct.nii.gz"))
    os.mkdir(at("mixed"))
    bad = 0
    for i, f in enumerate(good):
        data = open(at("in", f), "rb").read()
        os.symlink(at("in", f), at("mixed", f))
        if i % 3 == 0:
            kind = [data[: len(data) // 2], b"no image at all " * 9, b"", data[:-1] + b"\x00"][bad % 4]
            open(at("mixed", f"bad{i:02d}.nii.gz"), "wb").write(kind)
            bad += 1
    mixed = subprocess.run([*CLI, "segment", "-i", at("mixed"), "-o", at("mixed-out"), *model], capture_output=True, text=True)
    rows = list(csv.DictReader(open(at("mixed-out", "segment-summary.csv"))))
    check(mixed.returncode == 3, f"exit code {mixed.returncode} with bad files among good ones")
    check(sum(r["status"] == "done" for r in rows) == CASES and sum(r["status"] == "failed" and r["reason"] != "" for r in rows) == bad, f"{mixed.stdout.strip().splitlines()[-1].split(';')[0]}")
    masks = {f: h for f, h in files(at("mixed-out")).items() if f.endswith("-liver.nii.gz")}
    expected = {f: h for f, h in whole.items() if f.endswith("-liver.nii.gz")}
    check(sorted(masks.values()) == sorted(expected.values()), "the good cases' masks are those of a batch without bad files")
    once = subprocess.run([*CLI, "segment", "-i", at("mixed"), "-o", at("mixed-out"), *model], capture_output=True, text=True)
    check(f"0 done, {CASES} kept from before, {bad} failed" in once.stdout, "a second run keeps what is done and tells the same failures")
print(f"{failed} failed")
sys.exit(failed > 0)
