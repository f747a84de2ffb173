// Circular memory of stage commands, between the tape's parser and the run generator. The words of
// a command are invisible until it is committed, which the parser does once their CRC was right;
// then they are read by index until the command is released. Up to 4 commands are committed at
// once. One word in a cycle, read latency 1.
`default_nettype none

module command_memory #(
  parameter CommandWords = 512, // a power of two
  parameter IndexBits = $clog2(CommandWords)
) (
  input wire clk_i, input wire rst_i,

  // words of the command being written, then its commitment, never both in one cycle
  input wire write_valid_i, output wire write_ready_o, input wire [127:0] write_data_i,
  input wire commit_valid_i, output wire commit_ready_o,

  // oldest command: word read_index_i, one cycle later; released with all its words
  output wire command_valid_o,
  input wire [IndexBits-1:0] read_index_i, output wire [127:0] read_data_o,
  input wire release_i
);

  if (CommandWords < 2 || (1 << IndexBits) != CommandWords)
    command_memory_CommandWords_must_be_a_power_of_two u_stop ();

  reg  [IndexBits-1:0] write_q;  // next word to write
  reg  [IndexBits-1:0] start_q;  // first word of the oldest command
  reg  [IndexBits:0]   used_q;   // words written and not released
  reg  [IndexBits:0]   words_q;  // of them, those of the command being written
  wire [IndexBits:0]   oldest_words;
  wire [2:0]           unused_count;
  wire                 write = write_valid_i && write_ready_o;
  wire                 commit = commit_valid_i && commit_ready_o;

  assign write_ready_o = !used_q[IndexBits];  // never more than all

  always @(posedge clk_i) begin
    if (write) write_q <= write_q + 1'b1;
    if (release_i) start_q <= start_q + oldest_words[IndexBits-1:0];
    used_q <= used_q + {{IndexBits{1'b0}}, write}
              - (release_i ? oldest_words : {IndexBits + 1{1'b0}});
    if (commit) words_q <= {IndexBits + 1{1'b0}};
    else if (write) words_q <= words_q + 1'b1;
    if (rst_i) {write_q, start_q, used_q, words_q} <= 0;
  end

  // Commands follow one another without a gap, so their lengths say where each starts.
  fifo #(.Width(IndexBits + 1), .Depth(4)) u_lengths (
    .clk_i(clk_i), .rst_i(rst_i),
    .valid_i(commit_valid_i), .ready_o(commit_ready_o), .data_i(words_q),
    .valid_o(command_valid_o), .ready_i(release_i), .data_o(oldest_words), .count_o(unused_count)
  );

  ram_1r1w #(.Width(128), .Depth(CommandWords)) u_words (
    .clk_i(clk_i), .write_i(write), .write_addr_i(write_q), .write_data_i(write_data_i),
    .read_i(1'b1), .read_addr_i(start_q + read_index_i), .read_data_o(read_data_o)
  );

`ifdef FORMAL
  always @(posedge clk_i)
    if (!rst_i) begin
      assert (used_q <= CommandWords && words_q <= used_q);
      assume (!release_i || command_valid_o);
      assume (!(write_valid_i && commit_valid_i));
    end
`endif
endmodule

`default_nettype wire
