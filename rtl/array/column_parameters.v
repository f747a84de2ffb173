// Bias, multiplier and shift of one column's output lanes, for 4 runs: takes the column's beats out
// of the weight stream, which it hands on to the right, and gives out one lane a cycle, 3 and 4
// cycles behind a drain token. Stands above row 0 only; the rows below get the same values from the
// row above.
`default_nettype none

module column_parameters #(parameter OutLanes = 16, parameter Column = 0, parameter AccBits = 25) (
  input wire clk_i, input wire rst_i,

  // beats of the weight stream, {valid, is a parameter, index, slot, data}; to the right
  input wire [9+8*OutLanes:0] w_i, output reg [9+8*OutLanes:0] w_o,

  // {valid, slot} of the drain token; to the right
  input wire [2:0] drain_i, output reg [2:0] drain_o,

  // {bias, multiplier, shift}
  output reg [AccBits+21:0] parameters_o
);
  localparam Pieces = 16 / OutLanes;
  localparam [31:0] LAST_PIECE = Pieces - 1, COLUMN = Column;

  always @(posedge clk_i) begin
    w_o     <= w_i;
    drain_o <= drain_i;
    if (rst_i) {w_o[9+8*OutLanes], drain_o[2]} <= 0;
  end

  wire                  w_valid, w_param, drain_valid;
  wire [5:0]            w_index;
  wire [1:0]            w_slot, drain_slot;
  wire [8*OutLanes-1:0] w_data;
  assign {w_valid, w_param, w_index, w_slot, w_data} = w_o;
  assign {drain_valid, drain_slot} = drain_o;

  wire [5:0]   w_column = w_index >> $clog2(Pieces);
  wire [3:0]   w_piece = w_index[3:0] & LAST_PIECE[3:0];
  wire [127:0] word;
  wire         unused = &word;  // there is room between the fields

  parameter_memory #(.PieceBytes(OutLanes), .Words(4)) u_memory (
    .clk_i(clk_i), .write_i(w_valid && w_param && w_column == COLUMN[5:0]),
    .write_addr_i(w_slot), .write_piece_i(w_piece), .write_data_i(w_data),
    .read_i(drain_valid), .read_addr_i(drain_slot), .read_data_o(word)
  );

  // The word has biases (32 bits), multipliers (16) and shifts (8) in pairs.
  if (OutLanes > 1) begin : g_two
    reg lane_q;
    always @(posedge clk_i) begin
      lane_q <= !drain_valid;
      parameters_o <= lane_q ? {word[32+:AccBits], word[95:80], word[109:104]}
                             : {word[0+:AccBits], word[79:64], word[101:96]};
    end
  end else begin : g_one
    always @(posedge clk_i) parameters_o <= {word[0+:AccBits], word[79:64], word[101:96]};
  end
endmodule

`default_nettype wire
