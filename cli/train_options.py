"""What `netdsl train` can be told, in the parts that `--help` lists; sweeps and transfers share some of it."""

from typing import Annotated

import typer

DATA, METHOD, WEIGHTS, MACHINE = "Data", "Method, in place of the recipe's", "Beginning with other weights", "Machine"
KEEPING, FIRST = "Keeping and going on", "Instead of training"
PAINTING = "A net that paints, on photographs: --data folder:PHOTOS"
"""The parts that `--help` lists the options in."""

NetOrNone = Annotated[
    str | None,
    typer.Argument(help="A .net file, a bundled net, or a net typed out; with --config, else the run's own."),
]
Data = Annotated[
    str | None,
    typer.Option(
        metavar="DATA",
        rich_help_panel=DATA,
        help="mnist, cifar10, cifar100, svhn, shapes, or folder:DIR with a sub-folder a class; with + (cifar10+) "
        "augmented, as the recipe of that name says.",
    ),
]
DataDir = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        rich_help_panel=DATA,
        help="Folder with the data files; else $NETDSL_DATA, else they are downloaded once.",
    ),
]
Epochs = Annotated[
    int | None, typer.Option(min=1, metavar="N", rich_help_panel=METHOD, help="Times through the training images.")
]
Batch = Annotated[int | None, typer.Option(min=1, metavar="N", rich_help_panel=METHOD, help="Images in a batch.")]
Rate = Annotated[float | None, typer.Option(metavar="RATE", rich_help_panel=METHOD, help="First learning rate.")]
InitFrom = Annotated[
    str | None,
    typer.Option(
        metavar="RUN",
        rich_help_panel=WEIGHTS,
        help="Begin with the weights of that run, .safetensors or .pt file, where they fit.",
    ),
]
InitTo = Annotated[
    str | None,
    typer.Option(metavar="@TAG", rich_help_panel=WEIGHTS, help="Take only the weights up to this tag or layer."),
]
InitPart = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PART",
        rich_help_panel=WEIGHTS,
        help="Take only (or, with --init-to, also) those of this tag or layer; repeatable.",
    ),
]
ReplaceHead = Annotated[
    bool | None,
    typer.Option(
        "--replace-head",
        rich_help_panel=WEIGHTS,
        help="As many outputs as the data has classes, their weights new.",
    ),
]
FreezeTo = Annotated[
    str | None,
    typer.Option(
        metavar="@TAG",
        rich_help_panel=WEIGHTS,
        help="Leave all weights up to this tag or layer as they are; 'none' for none.",
    ),
]
RatesAt = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PART=FACTOR",
        rich_help_panel=WEIGHTS,
        help="A part's learning rate: '@stage1=0.1'; repeatable, or several with commas.",
    ),
]
SetRecipe = Annotated[
    list[str] | None,
    typer.Option(
        "--set-recipe",
        metavar="NAME=VALUE",
        rich_help_panel=METHOD,
        help="A line of the recipe: 'schedule=cosine'; repeatable.",
    ),
]
ConfigOf = Annotated[
    str | None,
    typer.Option(
        metavar="RUN",
        rich_help_panel=METHOD,
        help="Train as that run's config.yaml says; options given beside it win.",
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(min=0, max=2**32 - 1, metavar="N", rich_help_panel=METHOD, help="Equal seeds give equal weights."),
]
Subset = Annotated[
    int | None, typer.Option(min=1, metavar="N", rich_help_panel=DATA, help="Train on the first N images only.")
]
RecomputeNorms = Annotated[
    bool | None,
    typer.Option(
        "--recompute-norms",
        rich_help_panel=METHOD,
        help="In the end, batch norm's statistics from all training images.",
    ),
]
Classes = Annotated[
    str | None,
    typer.Option(
        metavar="A,B,...",
        rich_help_panel=DATA,
        help="Only these classes, by name or number, as classes 0, 1, ... of the net.",
    ),
]
ValidFraction = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE", rich_help_panel=DATA, help="Hold out so much of each class's training images, such as 0.1."
    ),
]
Deterministic = Annotated[
    bool | None,
    typer.Option(
        "--deterministic", rich_help_panel=METHOD, help="Use no algorithm whose results differ from run to run."
    ),
]
Device = Annotated[
    str | None,
    typer.Option(
        metavar="DEVICE", rich_help_panel=MACHINE, help="cpu, cuda, cuda:1, mps; else the fastest that is there."
    ),
]
Precision = Annotated[
    str | None,
    typer.Option(
        metavar="auto|fp32|bf16",
        rich_help_panel=MACHINE,
        help="Arithmetic of the net; auto is bf16 on a GPU that has it.",
    ),
]
CompileNet = Annotated[
    bool | None,
    typer.Option("--compile", rich_help_panel=MACHINE, help="Through torch.compile: worth its minute in long runs."),
]
MemoryBudget = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        rich_help_panel=MACHINE,
        help="Memory for a step, as 4GiB; to fit, parts of the net are computed twice.",
    ),
]
Accumulate = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", rich_help_panel=MACHINE, help="Compute a batch in N parts, for less memory."),
]
Resume = Annotated[
    str | None,
    typer.Option(
        metavar="RUN",
        rich_help_panel=KEEPING,
        help="Go on with a run that was stopped or killed; no other option is needed.",
    ),
]
SaveEvery = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        rich_help_panel=KEEPING,
        help="Save within an epoch as well, so often: 30s, 10min (as it is), 2h.",
    ),
]
Devices = Annotated[
    int,
    typer.Option(
        min=1,
        metavar="N",
        rich_help_panel=MACHINE,
        help="Processes of this machine that share every batch: one a GPU.",
    ),
]
Out = Annotated[
    str | None,
    typer.Option(
        metavar="DIR", rich_help_panel=KEEPING, help="Folder for the run; else the next free runs/NET-DATA-N."
    ),
]
Tensorboard = Annotated[
    bool | None,
    typer.Option(
        "--tensorboard",
        rich_help_panel=KEEPING,
        help="Write the epochs for TensorBoard too; needs `pip install tensorboard`.",
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        rich_help_panel=FIRST,
        help="Only one batch, end to end: shapes, times, memory. Writes nothing.",
    ),
]
OverfitBatch = Annotated[
    bool,
    typer.Option(
        "--overfit-batch", rich_help_panel=FIRST, help="Only see whether the net can learn one batch by heart."
    ),
]
FindLr = Annotated[
    bool,
    typer.Option(
        "--find-lr",
        rich_help_panel=FIRST,
        help="Only look for a learning rate, and draw lr-finder.png, here or in --out.",
    ),
]
Styles = Annotated[
    list[str] | None,
    typer.Option(
        "--style",
        metavar="FILE",
        rich_help_panel=PAINTING,
        help="Learn to paint in the style of a picture, or of a sample of `stylize --list-styles`; repeatable.",
    ),
]
AddStyles = Annotated[
    list[str] | None,
    typer.Option(
        "--add-style",
        metavar="FILE",
        rich_help_panel=PAINTING,
        help="A further style for the net of --init-from RUN; only its scales and shifts are trained. Repeatable.",
    ),
]
StyleSize = Annotated[
    int | None,
    typer.Option(
        min=16,
        max=4096,
        metavar="PIXELS",
        rich_help_panel=PAINTING,
        help="Longer side of the styles: 256. Small for fine strokes, large for broad ones.",
    ),
]
LossWeights = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|torchvision",
        rich_help_panel=PAINTING,
        help="Weights of the loss network, in place of those installed.",
    ),
]
