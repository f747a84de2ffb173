// Multipliers and shifts of global_pool: keeps those of 4 runs, as they come in the weight stream,
// and copies those of the run that ends, one column a cycle, since its slot may be loaded anew
// while its sums are still being scaled. An output's values show in the same cycle, from Columns +
// 2 cycles after copy_i.
`default_nettype none

module pool_parameters #(
  parameter OutLanes = 16,
  parameter IndexBits = OutLanes > 1 ? $clog2(OutLanes) : 1  // derived
) (
  input wire clk_i, input wire rst_i,

  // parameter beats
  input wire w_valid_i, input wire [5:0] w_index_i, input wire [1:0] w_slot_i,
  input wire [OutLanes*8-1:0] w_data_i,

  input wire copy_i, input wire [1:0] copy_slot_i,

  input wire [IndexBits-1:0] output_i, output wire [15:0] multiplier_o, output wire [5:0] shift_o
);
  localparam Columns = (OutLanes + 1) / 2;
  localparam ColumnBits = Columns > 1 ? $clog2(Columns) : 1;
  localparam [31:0] LAST_PIECE = 16 / OutLanes - 1;
  localparam [31:0] LAST_COLUMN = Columns - 1;

  wire [5:0] w_column = w_index_i >> $clog2(16 / OutLanes);
  wire [3:0] w_piece = w_index_i[3:0] & LAST_PIECE[3:0];

  // Copying: one word read a cycle, written a cycle later.
  reg                   reading_q, writing_q;
  reg  [1:0]            slot_q;
  reg  [ColumnBits-1:0] read_column_q, write_column_q;
  wire [127:0]          word;
  wire                  unused = &{word, w_column};

  always @(posedge clk_i) begin
    if (copy_i) reading_q <= 1'b1;
    else if (read_column_q == LAST_COLUMN[ColumnBits-1:0]) reading_q <= 1'b0;
    writing_q <= reading_q;
    if (copy_i) begin
      slot_q        <= copy_slot_i;
      read_column_q <= {ColumnBits{1'b0}};
    end else begin
      read_column_q <= read_column_q + 1'b1;
    end
    write_column_q <= read_column_q;
    if (rst_i) {reading_q, writing_q} <= 0;
  end

  parameter_memory #(.PieceBytes(OutLanes), .Words(4 << ColumnBits)) u_memory (
    .clk_i(clk_i), .write_i(w_valid_i), .write_addr_i({w_slot_i, w_column[ColumnBits-1:0]}),
    .write_piece_i(w_piece), .write_data_i(w_data_i), .read_i(reading_q),
    .read_addr_i({slot_q, read_column_q}), .read_data_o(word)
  );

  (* ram_style = "distributed" *)
  reg [43:0] current [0:Columns-1];
  always @(posedge clk_i) begin
    if (writing_q) current[write_column_q] <= {word[109:104], word[101:96], word[95:64]};
  end

  if (OutLanes > 2) begin : g_columns
    wire [43:0] pair = current[output_i[IndexBits-1:1]];
    assign multiplier_o = output_i[0] ? pair[31:16] : pair[15:0];
    assign shift_o      = output_i[0] ? pair[43:38] : pair[37:32];
  end else begin : g_column
    wire [43:0] pair = current[0];
    assign multiplier_o = output_i[0] ? pair[31:16] : pair[15:0];
    assign shift_o      = output_i[0] ? pair[43:38] : pair[37:32];
  end
endmodule

`default_nettype wire
