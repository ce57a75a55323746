import random,sys
from pathlib import Path
import tempfile
from tests.chaos.kills import *
from tests.chaos.worlds import *
from contextlib import suppress
if __name__=="__main__":
    ctx=open_processes()
    with tempfile.TemporaryDirectory() as f:
        try:
            with drive_world(Path(f)/"g") as w:
                c=Chaos(w,ctx,random.Random(int(sys.argv[2]) if len(sys.argv)>2 else 1))
                import tests.loopback.drive as d
                try: c.live(int(sys.argv[1]))
                finally:
                    print(c.row("g")); print(c.wrong)
                    import gc
                    from tests.loopback.drive_state import DriveState
                    for o in gc.get_objects():
                        if isinstance(o,DriveState): print("ERRORS", len(o.errors), o.errors[:2])
        except AssertionError as e: print("assert",e)
