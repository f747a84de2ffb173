// The record of a run (docs/developer/engine.md): run_generator makes one for each, and every unit
// takes its part into a queue of its own. A name stands for the bits of its field, those of a unit
// for all fields it needs.
`ifndef RUN_RECORD
`define RUN_RECORD           466:0

// weight loader
`define RUN_SECTION        23:0      // ring address of the section
`define RUN_SECTION_END    47:24
`define RUN_TILES          59:48
`define RUN_RELEASE        60:60     // the section's last use: free the ring up to its end
`define RUN_LOADER         60:0
`define RUN_LOADER_BITS    61
// drain alone; it takes RUN_GLOBAL and RUN_GROUPS too
`define RUN_RELU           61:61     // before a global pool sums
`define RUN_LAST_BLOCK     62:62     // the run ends its pass's walk over the map
`define RUN_LAST_LANES     70:63     // valid lanes of the map's last group
// post unit alone
`define RUN_DEST_BASE      86:71     // word address of the destination vector
`define RUN_DEST_POS       102:87    // of the first group, wrapped; of no use with pool
`define RUN_DEST_WRAP      118:103   // groups of the circular destination
`define RUN_DEST_COUNT     134:119   // of the first group, not wrapped; of no use with pool
`define RUN_DEST_SET       136:135   // marks
`define RUN_SLOT           142:137
`define RUN_SUB            146:143   // bytes sub*OutLanes … of a word
`define RUN_COMPLETES      147:147   // the groups written are complete: mark them
`define RUN_POOL           148:148
`define RUN_KERNEL2        149:149   // window 2x2, else 3x3
`define RUN_PARTIAL_X      150:150   // the last pooled column's window reaches over the edge
`define RUN_PARTIAL_Y      151:151   // the last pooled row's window reaches over the edge
`define RUN_MAP_START      152:152   // an expand run that starts at the map's first block
`define RUN_ROW            162:153   // index of the pass within its stage
`define RUN_POOLED_WIDTH   178:163
`define RUN_POOLED_HEIGHT  194:179
// post unit and map reader, the first two in the drain too
`define RUN_GLOBAL         195:195   // global pool: sums, nothing written
`define RUN_GROUPS         203:196   // 1 or more
`define RUN_FIRST          204:204   // first run of a stage
`define RUN_BLOCK_END      205:205   // after this expand run the walk goes to the next block
`define RUN_WIDTH          221:206   // of the stage's map, 2 or more
`define RUN_HEIGHT         237:222
`define RUN_STEP_X         253:238   // PixLanes mod width
`define RUN_STEP_Y         269:254   // PixLanes div width
`define RUN_FIRST_X        285:270   // the stage's first pixel; not 0, 0: its pool goes on
`define RUN_FIRST_Y        301:286
`define RUN_POST           301:71
`define RUN_POST_BITS      231
// map reader alone
`define RUN_EXPAND         302:302   // else a squeeze run
`define RUN_VECTORS        310:303
`define RUN_TAPS9          311:311   // else one tap
`define RUN_PACKED         312:312   // source is the packed image
`define RUN_SOURCE_START   328:313   // word address of vector 0 at the first group
`define RUN_SOURCE_STRIDE  344:329   // words from vector to vector
`define RUN_SOURCE_POS     360:345   // of the first group, wrapped where the source is circular
`define RUN_SOURCE_WRAP    376:361   // groups of the circular source, else 0
`define RUN_SOURCE_COUNT   392:377   // of the first group, not wrapped
`define RUN_SOURCE_TOTAL   408:393   // groups of the source
`define RUN_SOURCE_SET     410:409   // marks
`define RUN_CLEAR_SETS     414:411   // one bit a mark set, in the first run of a stage
`define RUN_FREE           415:415   // last run over this block of packed pixels
`define RUN_MAP_END        416:416   // after this expand run the walk starts the map again
`define RUN_TAP_GROUP      432:417   // offset of the first tap: groups, signed
`define RUN_TAP_LANE       440:433   // and lanes
`define RUN_TAP_ROW_GROUPS 456:441   // from a row's last tap to the next row's first
`define RUN_TAP_ROW_LANES  464:457
`define RUN_READER         464:196
`define RUN_READER_BITS    269
// drain alone, of an extended engine: the sums of a global pool begin with those kept by the same
// pass (RUN_ROW) of a stage before, and are kept instead of scaled
`define RUN_SUMS_CONTINUE  465:465
`define RUN_SUMS_GO_ON     466:466
`endif
