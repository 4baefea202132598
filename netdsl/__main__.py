"""`python -m netdsl` is `netdsl`: what launchers such as torchrun start."""

from netdsl.cli.app import main

if __name__ == "__main__":
    main()
