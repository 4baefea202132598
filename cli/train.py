"""`netdsl train`."""

from typing import Annotated

import typer

from . import output
from .options import Net, Settings, With, folder_from, settings_from
from .progress import Display, clock


def command(
    net: Net,
    data: Annotated[
        str,
        typer.Option(
            metavar="DATA",
            help="mnist, cifar10 or shapes; with + (cifar10+) augmented, as the recipe of that name says.",
        ),
    ],
    data_dir: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Folder with the data files; else $NETDSL_DATA, else they are downloaded once."
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, metavar="N", help="Times through the training images.")] = None,
    batch: Annotated[int | None, typer.Option(min=1, metavar="N", help="Images in a batch.")] = None,
    lr: Annotated[float | None, typer.Option(metavar="RATE", help="First learning rate.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, metavar="N", help="Equal seeds give equal weights.")] = 0,
    subset: Annotated[int | None, typer.Option(min=1, metavar="N", help="Train on the first N images only.")] = None,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="Use no algorithm whose results differ from run to run.")
    ] = False,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder for the run; else the next free runs/NET-DATA-N.")
    ] = None,
    settings: Settings = None,
    with_rules: With = "",
) -> None:
    """Train a net on real images or on drawn shapes, and keep the run in a folder.

    What the options leave open is as in the net's recipe for the data, if it has one.

    Example: netdsl train nets/baseline.net --data mnist --epochs 3
    """
    if lr is not None and not 0 < lr < float("inf"):
        raise typer.BadParameter("a learning rate is above 0", param_hint="--lr")
    parameters = settings_from(settings or [])
    data_folder, run_folder = folder_from(data_dir, "--data-dir"), folder_from(out, "--out")
    with Display() as display:
        try:
            from netdsl.tasks.train import TrainConfig, train

            config = TrainConfig(
                net=net,
                data=data,
                settings=parameters,
                with_rules=with_rules,
                data_dir=data_folder,
                out=run_folder,
                epochs=epochs,
                batch=batch,
                lr=lr,
                seed=seed,
                subset=subset,
                deterministic=deterministic,
            )
            result = train(config, display)
        except KeyboardInterrupt:
            display.say(display.stopped)
            raise typer.Exit(130) from None
    last = result.epochs[-1]
    output.out.print(f"test error  {last.test_error:.2%} after epoch {last.epoch}", highlight=False)
    output.out.print(f"time        {clock(result.seconds)}", highlight=False)
    output.out.print(f"run         {result.run}", highlight=False, soft_wrap=True)
    output.out.print(f"next        netdsl eval {result.run}", highlight=False, soft_wrap=True)
