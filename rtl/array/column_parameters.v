// Bias, multiplier and shift of one column's output lanes, for 4 runs: takes the column's beats out
// of the weight stream, which it hands on to the right, and gives out one lane a cycle, 3 and 4
// cycles behind a drain token. Stands above row 0 only; the rows below get the same values from the
// row above.
`default_nettype none

module column_parameters #(
  parameter OutLanes = 16,
  parameter Column = 0,
  parameter AccBits = 25
) (
  input wire clk_i, input wire rst_i,

  // beats of the weight stream; to the right
  input wire w_valid_i, input wire w_param_i, input wire [5:0] w_index_i, input wire [1:0] w_slot_i,
  input wire [8*OutLanes-1:0] w_data_i,
  output wire w_valid_o, output wire w_param_o, output wire [5:0] w_index_o,
  output wire [1:0] w_slot_o, output wire [8*OutLanes-1:0] w_data_o,

  // drain token; the slot moves to the right here
  input wire drain_valid_i, input wire [1:0] drain_slot_i, output wire [1:0] drain_slot_o,

  output wire [AccBits-1:0] bias_o, output wire [15:0] multiplier_o, output wire [5:0] shift_o
);
  localparam Pieces = 16 / OutLanes;
  localparam [31:0] LAST_PIECE = Pieces - 1;
  localparam [31:0] COLUMN = Column;

  reg w_valid_q, w_param_q, drain_valid_q;
  reg [5:0] w_index_q;
  reg [1:0] w_slot_q, drain_slot_q;
  reg [8*OutLanes-1:0] w_data_q;

  always @(posedge clk_i) begin
    if (rst_i) begin
      w_valid_q     <= 1'b0;
      drain_valid_q <= 1'b0;
    end else begin
      w_valid_q     <= w_valid_i;
      drain_valid_q <= drain_valid_i;
    end
    w_param_q    <= w_param_i;
    w_index_q    <= w_index_i;
    w_slot_q     <= w_slot_i;
    w_data_q     <= w_data_i;
    drain_slot_q <= drain_slot_i;
  end

  assign w_valid_o    = w_valid_q;
  assign w_param_o    = w_param_q;
  assign w_index_o    = w_index_q;
  assign w_slot_o     = w_slot_q;
  assign w_data_o     = w_data_q;
  assign drain_slot_o = drain_slot_q;

  wire [5:0]   w_column = w_index_q >> $clog2(Pieces);
  wire [3:0]   w_piece = w_index_q[3:0] & LAST_PIECE[3:0];
  wire [127:0] word;
  wire         unused = &word;  // there is room between the fields

  parameter_memory #(.PieceBytes(OutLanes), .Words(4)) u_memory (
    .clk_i(clk_i), .write_i(w_valid_q && w_param_q && w_column == COLUMN[5:0]),
    .write_addr_i(w_slot_q), .write_piece_i(w_piece), .write_data_i(w_data_q),
    .read_i(drain_valid_q), .read_addr_i(drain_slot_q), .read_data_o(word)
  );

  // The word has biases (32 bits), multipliers (16) and shifts (8) in pairs.
  reg [AccBits-1:0] bias_q;
  reg [15:0] multiplier_q;
  reg [5:0] shift_q;

  generate
    if (OutLanes > 1) begin : g_two
      reg lane_q;
      always @(posedge clk_i) begin
        lane_q       <= !drain_valid_q;
        bias_q       <= lane_q ? word[32+:AccBits] : word[0+:AccBits];
        multiplier_q <= lane_q ? word[95:80] : word[79:64];
        shift_q      <= lane_q ? word[109:104] : word[101:96];
      end
    end else begin : g_one
      always @(posedge clk_i) begin
        bias_q       <= word[0+:AccBits];
        multiplier_q <= word[79:64];
        shift_q      <= word[101:96];
      end
    end
  endgenerate

  assign bias_o       = bias_q;
  assign multiplier_o = multiplier_q;
  assign shift_o      = shift_q;
endmodule

`default_nettype wire
