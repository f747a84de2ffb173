// The control and status registers (gen/geometry/registers.ts describes them;
// docs/reference/registers.md) behind an AXI4-Lite slave, the job queue, the interrupt and the
// counters. It is reset by rst_i alone: engine_reset_o is for everything else, and comes when an
// error or an abort has brought the memory port to rest.
`default_nettype none

module control_regs #(
  parameter [31:0] GeometryId = 32'd0,  // first 32 bits of the geometry's hash
  parameter        AddrBits = 32,       // of the memory port, 32 … 64
  parameter        WatchdogBits = 24    // log2 of the cycles without progress that are an error
) (
  input wire clk_i, input wire rst_i,

  // AXI4-Lite
  input wire [11:0] axil_awaddr_i, input wire axil_awvalid_i, output wire axil_awready_o,
  input wire [31:0] axil_wdata_i, input wire [3:0] axil_wstrb_i, input wire axil_wvalid_i,
  output wire axil_wready_o,
  output wire [1:0] axil_bresp_o, output wire axil_bvalid_o, input wire axil_bready_i,
  input wire [11:0] axil_araddr_i, input wire axil_arvalid_i, output wire axil_arready_o,
  output wire [31:0] axil_rdata_o, output wire [1:0] axil_rresp_o, output wire axil_rvalid_o,
  input wire axil_rready_i,
  output reg interrupt_o,

  // jobs, and their completion
  output wire job_valid_o, input wire job_ready_i, output wire [AddrBits-1:0] job_tape_o,
  output wire [AddrBits-1:0] job_image_o, output wire [AddrBits-1:0] job_result_o,
  output wire [31:0] job_number_o,
  input wire done_i, input wire [31:0] done_tape_id_i,

  // errors: pulses
  input wire read_error_i, input wire [7:0] read_error_code_i,
  input wire write_error_i, input wire [7:0] write_error_code_i,
  input wire tape_error_i, input wire [7:0] tape_error_code_i, input wire command_error_i,

  // memory port, bytes of this cycle
  input wire read_idle_i, input wire [6:0] read_bytes_i,
  input wire write_idle_i, input wire [6:0] write_bytes_i,
  output wire stop_o, output wire engine_reset_o,

  // why the array issued nothing, at most one bit, in the order of the STALL registers
  input wire [8:0] stall_i
);
  `include "register_map.vh"

  if (AddrBits < 32 || AddrBits > 64) control_regs_AddrBits_must_be_32_to_64 u_stop ();

  wire        write, read;
  wire [11:0] write_addr, read_addr;
  wire [31:0] write_data;
  wire [3:0]  write_strobe;
  wire [31:0] read_data;
  axil_slave u_axil (
    .clk_i(clk_i), .rst_i(rst_i), .axil_awaddr_i(axil_awaddr_i), .axil_awvalid_i(axil_awvalid_i),
    .axil_awready_o(axil_awready_o), .axil_wdata_i(axil_wdata_i), .axil_wstrb_i(axil_wstrb_i),
    .axil_wvalid_i(axil_wvalid_i), .axil_wready_o(axil_wready_o), .axil_bresp_o(axil_bresp_o),
    .axil_bvalid_o(axil_bvalid_o), .axil_bready_i(axil_bready_i), .axil_araddr_i(axil_araddr_i),
    .axil_arvalid_i(axil_arvalid_i), .axil_arready_o(axil_arready_o), .axil_rdata_o(axil_rdata_o),
    .axil_rresp_o(axil_rresp_o), .axil_rvalid_o(axil_rvalid_o), .axil_rready_i(axil_rready_i),
    .write_o(write), .write_addr_o(write_addr), .write_data_o(write_data),
    .write_strobe_o(write_strobe), .read_o(read), .read_addr_o(read_addr), .read_data_i(read_data)
  );

  // Addresses, kept in 64 bits; those that the engine does not have stay 0.
  localparam [63:0] ADDRESS_MASK = {64{1'b1}} >> (64 - AddrBits);

  wire [31:0] strobed = {
    {8{write_strobe[3]}}, {8{write_strobe[2]}}, {8{write_strobe[1]}}, {8{write_strobe[0]}}
  };
  wire [63:0] strobed_low = {32'd0, strobed};
  wire [63:0] strobed_high = {strobed, 32'd0};
  wire [63:0] data_twice = {write_data, write_data} & ADDRESS_MASK;

  reg [63:0] tape_q, image_q, result_q;

  wire [63:0] tape_mask   = write_addr == REG_TAPE_ADDR_LO ? strobed_low
                          : write_addr == REG_TAPE_ADDR_HI ? strobed_high : 64'd0;
  wire [63:0] image_mask  = write_addr == REG_IMAGE_ADDR_LO ? strobed_low
                          : write_addr == REG_IMAGE_ADDR_HI ? strobed_high : 64'd0;
  wire [63:0] result_mask = write_addr == REG_RESULT_ADDR_LO ? strobed_low
                          : write_addr == REG_RESULT_ADDR_HI ? strobed_high : 64'd0;

  always @(posedge clk_i) begin
    if (rst_i) {tape_q, image_q, result_q} <= 0;
    else if (write) begin
      tape_q   <= (tape_q & ~tape_mask) | (data_twice & tape_mask);
      image_q  <= (image_q & ~image_mask) | (data_twice & image_mask);
      result_q <= (result_q & ~result_mask) | (data_twice & result_mask);
    end
  end

  // Commands and jobs.
  wire control = write && write_addr == REG_CONTROL && write_strobe[0];
  wire abort = control && write_data[CONTROL_ABORT_BIT];
  wire clear_counters = control && write_data[CONTROL_CLEAR_COUNTERS_BIT];
  wire start = write && write_addr == REG_START;

  wire        accepted, busy, stopping, hung, error;
  wire [31:0] jobs;
  wire [1:0]  room;
  wire [7:0]  error_code;
  wire [7:0]  engine_error_code = read_error_i ? read_error_code_i
                                : write_error_i ? write_error_code_i
                                : tape_error_i ? tape_error_code_i : ERROR_BAD_COMMAND;
  job_control #(.AddrBits(AddrBits), .WatchdogBits(WatchdogBits)) u_jobs (
    .clk_i(clk_i), .rst_i(rst_i), .start_i(start), .tape_i(tape_q[AddrBits-1:0]),
    .image_i(image_q[AddrBits-1:0]), .result_i(result_q[AddrBits-1:0]), .abort_i(abort),
    .accepted_o(accepted), .number_o(jobs), .room_o(room), .busy_o(busy), .stopping_o(stopping),
    .hung_o(hung), .error_valid_o(error), .error_code_o(error_code), .job_valid_o(job_valid_o),
    .job_ready_i(job_ready_i), .job_tape_o(job_tape_o), .job_image_o(job_image_o),
    .job_result_o(job_result_o), .job_number_o(job_number_o), .job_done_i(done_i),
    .engine_error_i(read_error_i || write_error_i || tape_error_i || command_error_i),
    .engine_error_code_i(engine_error_code), .port_idle_i(read_idle_i && write_idle_i),
    .port_progress_i(read_bytes_i != 7'd0 || write_bytes_i != 7'd0), .issues_i(stall_i == 9'd0),
    .stop_o(stop_o), .engine_reset_o(engine_reset_o)
  );

  // Interrupt and error code.
  reg        irq_done_q, irq_error_q, enable_done_q, enable_error_q;
  reg  [7:0] error_code_q;
  wire       acknowledge = write && write_addr == REG_IRQ_STATUS && write_strobe[0];

  always @(posedge clk_i) begin
    if (done_i) irq_done_q <= 1'b1;
    else if (acknowledge && write_data[IRQ_STATUS_DONE_BIT]) irq_done_q <= 1'b0;
    if (error) begin
      irq_error_q <= 1'b1;
      // The first error counts, but a dead port outweighs what came before it.
      if (!irq_error_q || error_code == ERROR_WATCHDOG) error_code_q <= error_code;
    end else if (acknowledge && write_data[IRQ_STATUS_ERROR_BIT]) begin
      irq_error_q  <= 1'b0;
      error_code_q <= 8'd0;
    end
    if (write && write_addr == REG_IRQ_ENABLE && write_strobe[0]) begin
      enable_done_q  <= write_data[IRQ_ENABLE_DONE_BIT];
      enable_error_q <= write_data[IRQ_ENABLE_ERROR_BIT];
    end
    interrupt_o <= (irq_done_q && enable_done_q) || (irq_error_q && enable_error_q);
    if (rst_i) {irq_done_q, irq_error_q, enable_done_q, enable_error_q} <= 0;
    if (rst_i) {error_code_q, interrupt_o} <= 0;
  end

  // Counters.
  reg [31:0] done_count_q, tape_id_q;
  reg        counting_q;
  reg [63:0] cycles_q;
  reg [31:0] cycles_high_q;  // what CYCLES_HI gives after CYCLES_LO
  reg [31:0] read_bytes_q, write_bytes_q;

  always @(posedge clk_i) begin
    if (rst_i) {done_count_q, tape_id_q} <= 0;
    else if (done_i) begin
      done_count_q <= done_count_q + 32'd1;
      tape_id_q    <= done_tape_id_i;
    end
  end

  always @(posedge clk_i) begin
    if (accepted) counting_q <= 1'b1;
    if (counting_q) cycles_q <= cycles_q + 64'd1;
    read_bytes_q  <= read_bytes_q + {25'd0, read_bytes_i};
    write_bytes_q <= write_bytes_q + {25'd0, write_bytes_i};
    if (rst_i || clear_counters) begin
      {counting_q, cycles_q, read_bytes_q, write_bytes_q} <= 0;
    end
    if (rst_i) cycles_high_q <= 32'd0;
    else if (read && read_addr == REG_CYCLES_LO) cycles_high_q <= cycles_q[63:32];
  end

  wire [32*9-1:0] stalls;
  genvar k;
  for (k = 0; k < 9; k = k + 1) begin : g_stall
    reg [31:0] stall_q;
    always @(posedge clk_i)
      if (rst_i || clear_counters) stall_q <= 32'd0;
      else if (counting_q && stall_i[k]) stall_q <= stall_q + 32'd1;
    assign stalls[32*k+:32] = stall_q;
  end

  // Reads. The constants of register_map.vh place the fields, and the registers by their bytes.
  wire [31:0] status = ({31'd0, busy} << STATUS_BUSY_BIT)
                     | ({31'd0, irq_error_q} << STATUS_ERROR_BIT)
                     | ({31'd0, stopping} << STATUS_STOPPING_BIT)
                     | ({31'd0, hung} << STATUS_HUNG_BIT)
                     | ({30'd0, room} << STATUS_ROOM_BIT);
  wire [31:0] irq_status = ({31'd0, irq_done_q} << IRQ_STATUS_DONE_BIT)
                         | ({31'd0, irq_error_q} << IRQ_STATUS_ERROR_BIT);
  wire [31:0] irq_enable = ({31'd0, enable_done_q} << IRQ_ENABLE_DONE_BIT)
                         | ({31'd0, enable_error_q} << IRQ_ENABLE_ERROR_BIT);

  reg [2047:0] words;
  always @* begin
    words = 0;
    words[8*REG_IDENTITY+:32] = IDENTITY;
    words[8*REG_VERSION+:32] = REGISTER_MAP_VERSION;
    words[8*REG_GEOMETRY+:32] = GeometryId;
    words[8*REG_STATUS+:32] = status;
    words[8*REG_IRQ_STATUS+:32] = irq_status;
    words[8*REG_IRQ_ENABLE+:32] = irq_enable;
    words[8*REG_ERROR_CODE+:32] = {24'd0, error_code_q};
    words[8*REG_TAPE_ADDR_LO+:64] = tape_q;
    words[8*REG_IMAGE_ADDR_LO+:64] = image_q;
    words[8*REG_RESULT_ADDR_LO+:64] = result_q;
    words[8*REG_JOBS+:32] = jobs;
    words[8*REG_DONE_COUNT+:32] = done_count_q;
    words[8*REG_TAPE_ID+:32] = tape_id_q;
    words[8*REG_CYCLES_LO+:64] = {cycles_high_q, cycles_q[31:0]};
    words[8*REG_STALL_TILE+:32*9] = stalls;
    words[8*REG_READ_BYTES+:32] = read_bytes_q;
    words[8*REG_WRITE_BYTES+:32] = write_bytes_q;
  end

  // One of each eight words, then one of those, still by the same address.
  reg [255:0] eighth_q;
  integer i;
  always @(posedge clk_i)
    for (i = 0; i < 8; i = i + 1) eighth_q[32*i+:32] <= words[{i[2:0], read_addr[4:2], 5'd0}+:32];
  assign read_data = read_addr[11:8] != 4'd0 ? 32'd0 : eighth_q[{read_addr[7:5], 5'd0}+:32];
endmodule

`default_nettype wire
