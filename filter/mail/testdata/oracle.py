# Reads headers with Python's email package: names of files on standard input,
# one JSON object a line on standard output.
import email, email.policy, email.utils, json, sys

for name in sys.stdin:
    name = name.rstrip("\n")
    out = {"file": name}
    try:
        with open(name, "rb") as f:
            message = email.message_from_binary_file(f, policy=email.policy.default)
        out["subject"] = str(message["subject"] or "")
        field = message["from"]
        out["from"] = [a.addr_spec for a in field.addresses] if field is not None else []
        out["names"] = [a.display_name for a in field.addresses] if field is not None else []
    except Exception as e:  # the package raises on some damage
        out["error"] = type(e).__name__
    print(json.dumps(out, ensure_ascii=True), flush=True)
