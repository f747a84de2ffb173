// The header of a tape (docs/reference/tape.md): a name stands for the bits of its field.
`ifndef TAPE_HEADER
`define TAPE_HEADER       511:0

`define TAPE_MAGIC        31:0
`define TAPE_VERSION      47:32
`define TAPE_GEOMETRY     95:64
`define TAPE_WORDS        127:96
`define TAPE_ID           159:128
`define TAPE_IMAGE_BYTES  191:160
`define TAPE_IMAGE_WIDTH  207:192
`define TAPE_IMAGE_HEIGHT 223:208
`define TAPE_CLASSES      255:240
`define TAPE_KERNEL       263:256
`define TAPE_STRIDE       271:264
`define TAPE_PAD_TOP      279:272
`define TAPE_PAD_LEFT     287:280
`define TAPE_PAD_VALUE    311:288  // red in the lowest byte
`define TAPE_VECTORS      319:312  // a pixel of conv1, ceil(kernel * kernel * 3 / 16)
`define TAPE_OUT_WIDTH    335:320
`define TAPE_OUT_HEIGHT   351:336
`define TAPE_PACK_BASE    367:352  // of the packed buffer: first word in each bank
`define TAPE_PACK_GROUPS  383:368  // of the packed buffer: pixel groups it holds
`define TAPE_MAP_TOP      399:384
`define TAPE_CRC          511:480

// all that the image unit needs
`define TAPE_PACKING      383:192
`endif
